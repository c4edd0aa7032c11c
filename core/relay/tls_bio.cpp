#include "core/relay/tls_bio.hpp"

#include "core/base/assert.hpp"

namespace vmferry::relay {

namespace {

Channel& channel_of(BIO* bio) { return *static_cast<Channel*>(BIO_get_data(bio)); }

/// OpenSSL's convention: 1 and the count, or 0 with the retry flag set when it is to be tried again.
int answer(BIO* bio, const Channel::Outcome& outcome, size_t* count, int retry)
{
    BIO_clear_retry_flags(bio);
    *count = outcome.count;
    if (outcome.status == Channel::Status::waiting) {
        BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
    }
    return outcome.status == Channel::Status::moved ? 1 : 0;
}

int read(BIO* bio, char* into, size_t size, size_t* count)
{
    return answer(bio, channel_of(bio).read({reinterpret_cast<std::byte*>(into), size}), count, BIO_FLAGS_READ);
}

int write(BIO* bio, const char* bytes, size_t size, size_t* count)
{
    return answer(bio, channel_of(bio).write({reinterpret_cast<const std::byte*>(bytes), size}), count,
                  BIO_FLAGS_WRITE);
}

/// A flush is all that is asked of an unbuffered stream.
long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/)
{
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* make_method()
{
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "vmferry channel");
    VMF_ASSERT(method != nullptr);
    BIO_meth_set_read_ex(method, read);
    BIO_meth_set_write_ex(method, write);
    BIO_meth_set_ctrl(method, control);
    return method;
}

}  // namespace

BIO* make_bio(Channel& channel)
{
    static BIO_METHOD* const method = make_method();
    BIO* bio = BIO_new(method);
    VMF_ASSERT(bio != nullptr);
    BIO_set_data(bio, &channel);
    BIO_set_init(bio, 1);
    return bio;
}

}  // namespace vmferry::relay
