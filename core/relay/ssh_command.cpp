#include "core/relay/ssh_command.hpp"

#include <fmt/format.h>

namespace vmferry::relay {

namespace {

/// Quotes for a POSIX shell only where needed: libvirt leaves plain words bare, and so must we.
std::string shell_quoted(const std::string& word)
{
    if (!word.empty() && word.find_first_of("\r\t\n !\"#$&'()*;<>?[\\]^`{|}~") == std::string::npos) {
        return word;
    }
    std::string out = "'";
    for (const char c : word) {
        out += c == '\'' ? "'\\''" : std::string(1, c);
    }
    return out + "'";
}

/// One quoting for the shell that `sh -c` starts, one for the login shell around it.
std::string twice_quoted(const std::string& word) { return "'" + shell_quoted(shell_quoted(word)) + "'"; }

std::string netcat_script(const SshEndpoint& ssh)
{
    // Only some netcats know -q, and those need it to end with the connection. The path stays bare
    // because libvirt's does.
    const std::string netcat = twice_quoted(ssh.netcat);
    return fmt::format("if {0} -q 2>&1 | grep \"requires an argument\" >/dev/null 2>&1; then "
                       "ARG=-q0;else ARG=;fi;{0} $ARG -U {1}",
                       netcat, ssh.socket_path);
}

std::string remote_script(const SshEndpoint& ssh, const std::string& driver_uri)
{
    const std::string helper = "virt-ssh-helper " + twice_quoted(driver_uri);
    switch (ssh.proxy) {
    case SshProxy::native: return fmt::format("sh -c '{}'", helper);
    case SshProxy::netcat: return fmt::format("sh -c '{}'", netcat_script(ssh));
    case SshProxy::automatic: break;
    }
    return fmt::format("sh -c 'which virt-ssh-helper 1>/dev/null 2>&1; if test $? = 0; then     {}; else    {}; fi'",
                       helper, netcat_script(ssh));
}

}  // namespace

std::vector<std::string> ssh_command(const SshEndpoint& ssh, const std::string& driver_uri)
{
    std::vector<std::string> words{ssh.command};
    const auto add = [&words](std::initializer_list<std::string> more) { words.insert(words.end(), more); };
    if (!ssh.port.empty()) {
        add({"-p", ssh.port});
    }
    if (!ssh.user.empty()) {
        add({"-l", ssh.user});
    }
    if (!ssh.keyfile.empty()) {
        add({"-i", ssh.keyfile});
    }
    add({"-T", "-e", "none"});
    if (ssh.no_tty) {
        add({"-o", "BatchMode=yes"});
    }
    if (ssh.no_verify) {
        add({"-o", "StrictHostKeyChecking=no"});
    }
    add({"--", ssh.host, remote_script(ssh, driver_uri)});
    return words;
}

}  // namespace vmferry::relay
