// One lock per VM on this machine: of two vmferry that want the same VM, one is refused at once.
// flock(2): the kernel gives it back when its holder dies, however it dies.

#pragma once

#include <string>

#include "core/base/clock.hpp"
#include "core/base/handle.hpp"
#include "core/base/result.hpp"
#include "core/base/uuid.hpp"

namespace vmferry::cli {

class VmLock {
public:
    /// Kind `busy`, naming the holder, when another process has it for longer than `patience`;
    /// `failed` when the directory cannot be used.
    [[nodiscard]] static Result<VmLock> take(const std::string& directory, const Uuid& vm, const std::string& vm_name,
                                             Milliseconds patience = Milliseconds(0));
    /// Says in the file what the holder works on, for whoever is refused.
    void describe(const std::string& what) const;

private:
    explicit VmLock(Fd file) : m_file(std::move(file)) {}
    Fd m_file;
};

}  // namespace vmferry::cli
