#include "core/libvirt/failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libvirt/virterror.h>

#include <cerrno>

namespace vmferry::libvirt {
namespace {

using testing::HasSubstr;
using testing::Not;

Failure failure(int code, int domain, const std::string& message, int errno_value = 0)
{
    Failure made;
    made.code = code;
    made.domain = domain;
    made.message = message;
    made.errno_value = errno_value;
    return made;
}

ErrorKind kind(int code, int domain, const std::string& message)
{
    return error_of(failure(code, domain, message), "x").kind();
}

TEST(Failure, LostAnswerIsUnknownNeverFailed)
{
    // The words of libvirt 9.0 for each way to lose a daemon.
    EXPECT_EQ(kind(VIR_ERR_INTERNAL_ERROR, VIR_FROM_RPC, "internal error: client socket is closed"),
              ErrorKind::unknown);
    EXPECT_EQ(kind(VIR_ERR_INTERNAL_ERROR, VIR_FROM_RPC, "internal error: connection closed due to keepalive timeout"),
              ErrorKind::unknown);
    EXPECT_EQ(kind(VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC, "Cannot recv data: Connection reset by peer"),
              ErrorKind::unknown);
    EXPECT_EQ(kind(VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC, "End of file while reading data: Input/output error"),
              ErrorKind::unknown);
    EXPECT_EQ(kind(VIR_ERR_RPC, VIR_FROM_REMOTE, "packet too large"), ErrorKind::unknown);
}

TEST(Failure, EmulatorThatVanishesIsUnknown)
{
    EXPECT_EQ(kind(VIR_ERR_SYSTEM_ERROR, VIR_FROM_QEMU, "Unable to read from monitor: Connection reset by peer"),
              ErrorKind::unknown);
    EXPECT_EQ(kind(VIR_ERR_OPERATION_FAILED, VIR_FROM_QEMU, "End of file from qemu monitor"), ErrorKind::unknown);
}

TEST(Failure, RefusalOfTheDaemonIsNotLost)
{
    EXPECT_EQ(kind(VIR_ERR_OPERATION_INVALID, VIR_FROM_QEMU, "domain is not running"), ErrorKind::failed);
    EXPECT_EQ(kind(VIR_ERR_SYSTEM_ERROR, VIR_FROM_STORAGE, "cannot open path"), ErrorKind::failed);
    EXPECT_EQ(kind(VIR_ERR_INTERNAL_ERROR, VIR_FROM_QEMU, "process exited"), ErrorKind::failed);
    EXPECT_EQ(kind(VIR_ERR_OPERATION_TIMEOUT, VIR_FROM_QEMU, "cannot acquire state change lock"), ErrorKind::busy);
    EXPECT_EQ(kind(VIR_ERR_ACCESS_DENIED, VIR_FROM_ACCESS, "access denied"), ErrorKind::denied);
    EXPECT_EQ(kind(VIR_ERR_AUTH_FAILED, VIR_FROM_RPC, "authentication failed"), ErrorKind::denied);
    EXPECT_EQ(kind(VIR_ERR_NO_DOMAIN, VIR_FROM_QEMU, "Domain not found"), ErrorKind::not_found);
    EXPECT_EQ(kind(VIR_ERR_NO_STORAGE_VOL, VIR_FROM_STORAGE, "no volume"), ErrorKind::not_found);
}

TEST(Failure, CauseKeepsLibvirtsWordsWithoutPasswords)
{
    const Error error = error_of(
        failure(VIR_ERR_SYSTEM_ERROR, VIR_FROM_QEMU, "cannot reach 'qemu+ssh://root:geheim@kvm2/system', sorry"), "x");
    EXPECT_THAT(error.cause(), HasSubstr("libvirt error 38: "));
    EXPECT_THAT(error.cause(), HasSubstr("sorry"));
    EXPECT_THAT(error.cause(), Not(HasSubstr("geheim")));
}

TEST(Failure, LostAnswerToAQuestionIsUnreachable)
{
    Error error = Error(ErrorKind::unknown, "what").with_cause("cause").with_next("next").in("frame");
    error = as_question(std::move(error));
    EXPECT_EQ(error.kind(), ErrorKind::unreachable);
    EXPECT_EQ(error.text(), "what (frame): cause");
    EXPECT_EQ(error.next(), "next");
    EXPECT_EQ(as_question(Error(ErrorKind::not_found, "x")).kind(), ErrorKind::not_found);
}

struct OpenCase {
    int code;
    int domain;
    const char* message;
    int errno_value;
    ErrorKind kind;
};

class OpenError : public testing::TestWithParam<OpenCase> {};

TEST_P(OpenError, IsTold)
{
    const OpenCase& one = GetParam();
    const Error error = open_error_of(failure(one.code, one.domain, one.message, one.errno_value),
                                      "qemu+ssh://u:geheim@kvm2/system", "kvm2");
    EXPECT_EQ(error.kind(), one.kind) << one.message;
    EXPECT_THAT(error.text() + error.next(), Not(HasSubstr("geheim")));
    EXPECT_THAT(error.what(), HasSubstr("kvm2"));
    EXPECT_FALSE(error.next().empty());
}

INSTANTIATE_TEST_SUITE_P(
    SeenOnDebian12, OpenError,
    testing::Values(
        OpenCase{VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC,
                 "Unable to resolve address 'x' service '16509': Name or service not known", 0,
                 ErrorKind::unknown_host},
        OpenCase{VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC,
                 "Cannot recv data: ssh: Could not resolve hostname x: Name or service not known: Connection "
                 "reset by peer",
                 ECONNRESET, ErrorKind::unknown_host},
        OpenCase{VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC, "unable to connect to server at 'x:16509': Connection refused",
                 ECONNREFUSED, ErrorKind::unreachable},
        OpenCase{VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC, "unable to connect to server at 'x:16509': No route to host",
                 EHOSTUNREACH, ErrorKind::unreachable},
        OpenCase{VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC, "Failed to connect socket to '/x': No such file or directory",
                 ENOENT, ErrorKind::unreachable},
        OpenCase{VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC, "Failed to connect socket to '/x': Permission denied", EACCES,
                 ErrorKind::denied},
        OpenCase{VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC,
                 "Cannot recv data: Host key verification failed.: Connection reset by peer", ECONNRESET,
                 ErrorKind::denied},
        OpenCase{VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC,
                 "Cannot recv data: root@x: Permission denied (publickey).: Connection reset by peer", ECONNRESET,
                 ErrorKind::denied},
        OpenCase{VIR_ERR_AUTH_FAILED, VIR_FROM_RPC, "authentication failed: Failed to collect auth credentials", 0,
                 ErrorKind::denied},
        OpenCase{VIR_ERR_AUTH_UNAVAILABLE, VIR_FROM_REMOTE, "no polkit agent available to authenticate action", 0,
                 ErrorKind::denied},
        OpenCase{VIR_ERR_SYSTEM_ERROR, VIR_FROM_RPC,
                 "Cannot read CA certificate '/etc/pki/CA/cacert.pem': No such file or directory", ENOENT,
                 ErrorKind::denied},
        OpenCase{VIR_ERR_INTERNAL_ERROR, VIR_FROM_URI, "internal error: Unable to parse URI :::", 0, ErrorKind::usage},
        OpenCase{VIR_ERR_INTERNAL_ERROR, VIR_FROM_QEMU,
                 "internal error: unexpected qemu URI path '/nosuch', try qemu:///system", 0, ErrorKind::usage},
        OpenCase{VIR_ERR_INVALID_ARG, VIR_FROM_REMOTE, "transport in URL not recognised", 0, ErrorKind::usage},
        OpenCase{VIR_ERR_NO_CONNECT, VIR_FROM_NONE, "no connection driver available for foo:///", 0,
                 ErrorKind::usage}));

}  // namespace
}  // namespace vmferry::libvirt
