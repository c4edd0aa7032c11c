// A program whose standard input and output are one stream of ours: ssh.

#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/handle.hpp"
#include "core/base/result.hpp"

namespace vmferry::relay {

/// - It gets a session of its own: the ^C and ^Z of a terminal must not reach it in the middle of a
///   switch. So it has no terminal to ask at either: a key, an agent or SSH_ASKPASS is needed.
/// - It ends when its stream ends, which the kernel sees to if we die; no death signal is set, because
///   that would fire when the starting thread ends, not the process.
/// - It is ended and reaped in the destructor, with all it has started.
class Child {
public:
    /// Kind `failed` when the program cannot be started.
    [[nodiscard]] static Result<Child> spawn(const std::vector<std::string>& words);
    Child(Child&& other) noexcept;
    Child& operator=(Child&&) = delete;
    ~Child();

    /// Our end of the stream; once.
    [[nodiscard]] Fd take_stream() { return std::move(m_stream); }
    [[nodiscard]] int complaints_fd() const { return m_complaints_pipe.get(); }
    /// Reads what is there of standard error; false when nothing more can come.
    [[nodiscard]] bool read_complaints();
    /// Reads on until standard error ends, at most for `limit`: what a dying program says comes last.
    void await_complaints(Milliseconds limit);
    /// The last lines of standard error, in one line, printable.
    [[nodiscard]] std::string complaints() const;

private:
    Child(pid_t pid, Fd stream, Fd complaints)
        : m_pid(pid), m_stream(std::move(stream)), m_complaints_pipe(std::move(complaints))
    {
    }

    pid_t m_pid;
    Fd m_stream;
    Fd m_complaints_pipe;
    std::string m_complaints;
};

}  // namespace vmferry::relay
