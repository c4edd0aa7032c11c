#include "core/base/pipe_talk.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/base/clock.hpp"

namespace vmferry {

namespace {

constexpr Milliseconds k_look{20};
/// A flood must not keep us from looking at the clock.
constexpr int k_pieces_at_once = 64;

}  // namespace

Ear::Ear(Fd from, size_t bytes_max) : m_from(std::move(from)), m_bytes_max(bytes_max)
{
    if (m_from) {
        ::fcntl(m_from.get(), F_SETFL, O_NONBLOCK);
    }
}

void Ear::listen()
{
    for (int pieces = 0; m_from && pieces < k_pieces_at_once; ++pieces) {
        std::array<char, 4096> piece{};
        const ssize_t length = ::read(m_from.get(), piece.data(), piece.size());
        if (length == 0) {
            m_from.reset();
        }
        if (length <= 0) {
            return;
        }
        const size_t room = m_bytes_max - m_text.size();
        m_dropped = m_dropped || static_cast<size_t>(length) > room;
        m_text.append(piece.data(), std::min(static_cast<size_t>(length), room));
    }
}

Talk::Talk(Fd the_to, std::string the_input, Ear the_output, Ear the_complaints)
    : to(std::move(the_to)), input(std::move(the_input)), output(std::move(the_output)),
      complaints(std::move(the_complaints))
{
    ::fcntl(to.get(), F_SETFL, O_NONBLOCK);
}

void Talk::go_on()
{
    std::array<pollfd, 3> ready{output.wait_for(), complaints.wait_for(), pollfd{to ? to.get() : -1, POLLOUT, 0}};
    ::poll(ready.data(), ready.size(), static_cast<int>(k_look.count()));
    if (ready[0].revents != 0) {
        output.listen();
    }
    if (ready[1].revents != 0) {
        complaints.listen();
    }
    if (ready[2].revents != 0) {
        feed();
    }
}

void Talk::feed()
{
    const ssize_t written = ::write(to.get(), input.data(), input.size());
    input.erase(0, written > 0 ? static_cast<size_t>(written) : 0);
    if (input.empty() || (written < 0 && errno != EAGAIN)) {
        to.reset();
    }
}

}  // namespace vmferry
