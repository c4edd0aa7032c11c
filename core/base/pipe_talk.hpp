// What goes to and comes from another program by pipes, without ever waiting for it longer than a moment.

#pragma once

#include <poll.h>

#include <string>

#include "core/base/handle.hpp"

namespace vmferry {

/// What comes out of one pipe, up to a most.
class Ear {
public:
    /// An empty descriptor hears nothing.
    Ear(Fd from, size_t bytes_max);
    [[nodiscard]] pollfd wait_for() const { return {m_from ? m_from.get() : -1, POLLIN, 0}; }
    void listen();
    /// More came than was to be kept.
    [[nodiscard]] bool dropped() const { return m_dropped; }
    [[nodiscard]] std::string text() && { return std::move(m_text); }

private:
    Fd m_from;
    size_t m_bytes_max;
    std::string m_text;
    bool m_dropped = false;
};

/// Feeds one pipe and listens to two.
struct Talk {
    Talk(Fd the_to, std::string the_input, Ear the_output, Ear the_complaints);
    void go_on();

    Fd to;
    std::string input;
    Ear output;
    Ear complaints;

private:
    void feed();
};

}  // namespace vmferry
