#include "core/libvirt/image_stream.hpp"
#include "core/libvirt/open_stream.hpp"

namespace vmferry::libvirt {

namespace {

struct Writing {
    std::string path;
    OpenFile open;
    StreamHandle stream;

    Result<> put(const world::ImagePiece& piece) const;
};

Result<> Writing::put(const world::ImagePiece& piece) const
{
    const std::string what = path + " could not be written";
    if (!piece.bytes) {
        const bool sent = virStreamSendHole(stream.get(), static_cast<long long>(piece.length), 0) == 0;
        return sent ? Result<>{} : broken(stream.get(), what);
    }
    uint64_t sent = 0;
    while (sent < piece.length) {
        const int count = virStreamSend(stream.get(), piece.bytes.get() + sent, piece.length - sent);
        if (count < 0) {
            return broken(stream.get(), what);
        }
        sent += static_cast<uint64_t>(count);
    }
    return {};
}

class StreamWriter final : public world::ImageWriter {
public:
    template <typename... Arguments>
    explicit StreamWriter(Arguments&&... arguments) : m_open(std::forward<Arguments>(arguments)...)
    {
    }
    Result<> put(const world::ImagePiece& piece) override
    {
        return m_open.call("writing ", [piece](Writing& writing, virConnectPtr) { return writing.put(piece); });
    }
    Result<> finish() override
    {
        return m_open.call("writing ", [](Writing& writing, virConnectPtr) -> Result<> {
            if (virStreamFinish(writing.stream.get()) < 0) {
                return failed_call(writing.path + " could not be written to its end");
            }
            writing.stream.reset();
            return {};
        });
    }
    /// libvirt has no call for it.
    Result<bool> sync() override { return false; }

private:
    Open<Writing> m_open;
};

}  // namespace

Result<std::unique_ptr<world::ImageWriter>> open_stream_writer(std::shared_ptr<Connection> connection,
                                                               const world::ImagePlace& place, uint64_t length_bytes)
{
    using State = std::shared_ptr<Writing>;
    VMF_TRY_ASSIGN(
        State state,
        connection->act(limits::k_storage, "opening " + place.path,
                        [place, length_bytes](virConnectPtr raw) -> Result<State> {
                            VMF_TRY_ASSIGN(OpenFile open, open_file(raw, place));
                            StreamHandle stream(virStreamNew(raw, 0));
                            if (!stream || virStorageVolUpload(open.file.get(), stream.get(), 0, length_bytes,
                                                               VIR_STORAGE_VOL_UPLOAD_SPARSE_STREAM) < 0) {
                                return failed_call(place.path + " could not be opened for writing");
                            }
                            return std::make_shared<Writing>(Writing{place.path, std::move(open), std::move(stream)});
                        }));
    return std::make_unique<StreamWriter>(std::move(connection), place, std::move(state));
}

}  // namespace vmferry::libvirt
