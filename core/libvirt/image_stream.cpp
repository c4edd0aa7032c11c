#include "core/libvirt/image_stream.hpp"

#include <algorithm>

#include "core/libvirt/open_stream.hpp"

namespace vmferry::libvirt {

namespace {

constexpr uint64_t k_section_bytes = uint64_t{64} << 20;
constexpr size_t k_piece_bytes = size_t{1} << 20;
/// What virStreamRecvFlags() gives where a hole begins.
constexpr int k_at_hole = -3;

struct Reading {
    std::string path;
    OpenFile open;
    uint64_t length = 0;
    uint64_t at = 0;
    StreamHandle stream{};
    uint64_t section_end = 0;

    Result<> begin_section(virConnectPtr connection);
    Result<> end_section();
    Result<world::ImagePiece> hole();
    Result<world::ImagePiece> next(virConnectPtr connection);
};

Result<> Reading::begin_section(virConnectPtr connection)
{
    const uint64_t bytes = std::min(k_section_bytes, length - at);
    section_end = at + bytes;
    stream.reset(virStreamNew(connection, 0));
    if (!stream ||
        virStorageVolDownload(open.file.get(), stream.get(), at, bytes, VIR_STORAGE_VOL_DOWNLOAD_SPARSE_STREAM) < 0) {
        return failed_call(path + " could not be opened for reading");
    }
    return {};
}

Result<> Reading::end_section()
{
    if (virStreamFinish(stream.get()) < 0) {
        return failed_call(path + " could not be read to its end");
    }
    stream.reset();
    return at == section_end ? Result<>{} : fail(ErrorKind::failed, path + " became shorter while it was read");
}

Result<world::ImagePiece> Reading::hole()
{
    long long bytes = 0;
    if (virStreamRecvHole(stream.get(), &bytes, 0) < 0 || bytes < 0) {
        return broken(stream.get(), path + " could not be read");
    }
    const uint64_t piece = std::min(static_cast<uint64_t>(bytes), section_end - at);
    at += piece;
    return world::ImagePiece{nullptr, piece};
}

/// Data until the piece is full, a hole begins, or the section ends.
Result<world::ImagePiece> Reading::next(virConnectPtr connection)
{
    const auto bytes = std::make_shared_for_overwrite<char[]>(k_piece_bytes);
    size_t have = 0;
    while (have < k_piece_bytes && (stream || at < length)) {
        if (!stream) {
            VMF_TRY(begin_section(connection));
        }
        const int count =
            virStreamRecvFlags(stream.get(), bytes.get() + have, k_piece_bytes - have, VIR_STREAM_RECV_STOP_AT_HOLE);
        if (count == k_at_hole && have == 0) {
            VMF_TRY_ASSIGN(const world::ImagePiece piece, hole());
            if (piece.length > 0) {
                return piece;
            }
        } else if (count == k_at_hole) {
            break;
        } else if (count == 0) {
            VMF_TRY(end_section());
        } else if (count < 0) {
            return broken(stream.get(), path + " could not be read");
        } else {
            have += static_cast<size_t>(count);
            at += static_cast<uint64_t>(count);
        }
    }
    return world::ImagePiece{bytes, have};
}

class StreamReader final : public world::ImageReader {
public:
    template <typename... Arguments>
    explicit StreamReader(Arguments&&... arguments) : m_open(std::forward<Arguments>(arguments)...)
    {
    }
    Result<world::ImagePiece> next() override
    {
        return m_open.call("reading ", [](Reading& reading, virConnectPtr raw) { return reading.next(raw); });
    }

private:
    Open<Reading> m_open;
};

}  // namespace

Result<std::unique_ptr<world::ImageReader>> open_stream_reader(std::shared_ptr<Connection> connection,
                                                               const world::ImagePlace& place)
{
    using State = std::shared_ptr<Reading>;
    VMF_TRY_ASSIGN(
        State state,
        connection->act(limits::k_storage, "opening " + place.path, [place](virConnectPtr raw) -> Result<State> {
            VMF_TRY_ASSIGN(OpenFile open, open_file(raw, place));
            virStorageVolInfo info{};
            if (virStorageVolGetInfoFlags(open.file.get(), &info, VIR_STORAGE_VOL_GET_PHYSICAL) < 0) {
                return failed_call("the length of " + place.path + " cannot be read");
            }
            return std::make_shared<Reading>(Reading{place.path, std::move(open), info.allocation});
        }));
    return std::make_unique<StreamReader>(std::move(connection), place, std::move(state));
}

}  // namespace vmferry::libvirt
