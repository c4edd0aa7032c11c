// Moves the bytes: one thread, one poll loop, two sides.
//
// - A side that reads slowly stops the reading from the other (k_waiting_bytes_max), never its own
//   sending: the directions wait independently, so they cannot lock each other.
// - The end of the target ends the client too once all is delivered, unless a reply is held: then the
//   client stays, and only release or drop moves it.
// - Nothing but a drop, an unreadable stream or the end of the relay cuts off a client that is alive.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/relay/connect.hpp"
#include "core/relay/control.hpp"
#include "core/relay/dialogue.hpp"
#include "core/relay/private_socket.hpp"

namespace vmferry::relay {

class Pump {
public:
    Pump(Control& control, std::function<void(RelayEvent)> on_event, std::unique_ptr<PrivateSocket> listener,
         Connection target, std::string target_text);

    /// Until one side is gone and all is delivered, or until told to end.
    void run();

private:
    struct Ready;

    void say(RelayEvent event);
    [[nodiscard]] Ready wait();
    void obey(const Control::Wishes& wishes);
    void accept();
    void read_client();
    void read_target();
    void write_client();
    void write_target();
    void client_ended();
    void target_ended(const std::string& why);
    void unreadable();
    [[nodiscard]] bool hears_client();
    [[nodiscard]] bool hears_target();

    Control& m_control;
    std::function<void(RelayEvent)> m_on_event;
    std::unique_ptr<PrivateSocket> m_listener;
    Connection m_target;
    std::string m_target_text;
    std::unique_ptr<Channel> m_client;
    Dialogue m_dialogue;
    std::vector<std::byte> m_buffer;
    bool m_releasing = false;
    bool m_close_client = false;  ///< Once all is delivered to it.
    bool m_close_target = false;  ///< Likewise.
    bool m_client_deaf = false;   ///< What the client says is not read any more.
    bool m_over = false;
};

}  // namespace vmferry::relay
