// Owning handles for C library objects and file descriptors. No raw handle lives outside the
// folder that knows its library.

#pragma once

#include <unistd.h>

#include <memory>
#include <utility>

namespace vmferry {

/// `using DomainHandle = Handle<virDomain, virDomainFree>`. Move-only; empty after a move.
template <auto free_function>
struct HandleDeleter {
    template <typename T>
    void operator()(T* object) const
    {
        static_cast<void>(free_function(object));
    }
};

template <typename T, auto free_function>
using Handle = std::unique_ptr<T, HandleDeleter<free_function>>;

/// An open file descriptor, closed at the end of its life.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : m_fd(fd) {}
    Fd(Fd&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
    Fd& operator=(Fd&& other) noexcept
    {
        if (this != &other) {
            reset(std::exchange(other.m_fd, -1));
        }
        return *this;
    }
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    ~Fd() { reset(); }

    [[nodiscard]] int get() const { return m_fd; }
    [[nodiscard]] explicit operator bool() const { return m_fd >= 0; }
    [[nodiscard]] int release() { return std::exchange(m_fd, -1); }
    void reset(int fd = -1)
    {
        if (m_fd >= 0) {
            ::close(m_fd);
        }
        m_fd = fd;
    }

private:
    int m_fd = -1;
};

}  // namespace vmferry
