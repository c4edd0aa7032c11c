#include "core/engine/image_copy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <future>

#include "core/base/units.hpp"
#include "core/engine/digest_thread.hpp"
#include "core/engine/phase.hpp"

namespace vmferry::engine {

using model::Side;
using world::ImagePiece;

namespace {

constexpr Milliseconds k_look_each{1000};
constexpr Milliseconds k_wait_each{200};
/// Of a move between hosts, whose own limit is for memory.
constexpr Milliseconds k_copy_limit{std::chrono::hours(24)};

/// Called for each piece; looks around each second.
class CopyLook {
public:
    CopyLook(Context& context, const ImageCopy& copy, uint64_t total_bytes)
        : m_context(context), m_name(copy.name), m_total(total_bytes), m_start(context.world.clock.now()),
          m_seen_at(m_start)
    {
    }

    /// Of data; holes cost nothing.
    Result<> moved(const ImagePiece& piece)
    {
        m_done += piece.bytes ? piece.length : 0;
        VMF_TRY(check_interrupt(m_context));
        VMF_TRY(keep_to_limit());
        const Milliseconds now = m_context.world.clock.now();
        return now - m_seen_at < k_look_each ? Result<>{} : look(now);
    }
    [[nodiscard]] uint64_t done_bytes() const { return m_done; }

private:
    Result<> keep_to_limit();
    Result<> look(Milliseconds now);
    Result<> judge_time(Milliseconds now) const;
    Result<> refuse_started();

    Context& m_context;
    std::string m_name;
    uint64_t m_total;
    uint64_t m_done = 0;
    uint64_t m_seen = 0;
    Milliseconds m_start;
    Milliseconds m_seen_at;
};

/// Waits until no more than the limit has been copied since the start.
Result<> CopyLook::keep_to_limit()
{
    const uint64_t limit = m_context.plan.storage.bandwidth_bytes_per_s;
    while (limit > 0) {
        const Milliseconds due = m_start + Milliseconds(static_cast<int64_t>(m_done * 1000 / limit));
        const Milliseconds now = m_context.world.clock.now();
        if (now >= due) {
            break;
        }
        m_context.world.clock.sleep(std::min(due - now, k_wait_each));
        VMF_TRY(check_interrupt(m_context));
    }
    return {};
}

Result<> CopyLook::look(Milliseconds now)
{
    const auto elapsed = static_cast<uint64_t>((now - m_seen_at).count());
    m_context.reporter.copying({{.target = m_name,
                                 .done_bytes = m_done,
                                 .total_bytes = std::max(m_total, m_done),
                                 .rate_bytes_per_s = (m_done - m_seen) * 1000 / elapsed,
                                 .ready = false}});
    m_seen = m_done;
    m_seen_at = now;
    VMF_TRY(judge_time(now));
    return refuse_started();
}

Result<> CopyLook::judge_time(Milliseconds now) const
{
    const model::Plan& plan = m_context.plan;
    const Milliseconds limit = plan.moves_storage() ? plan.limits.transaction : k_copy_limit;
    if (now - m_start <= limit) {
        return {};
    }
    return fail(
        Error(ErrorKind::interrupted, fmt::format("{} was not copied within {}", m_name, format_duration(limit)))
            .with_id("VMF-E206")
            .with_next("the same with more time, or over a faster link"));
}

/// One that answers nothing is not started by that; the piece that does not come ends the copy.
Result<> CopyLook::refuse_started()
{
    const model::Plan& plan = m_context.plan;
    const model::Observation seen = m_context.hosts.observe(Side::source, plan.vm_uuid, plan.limits.call);
    if (!seen.reachable || (seen.exists && !seen.active())) {
        return {};
    }
    return fail(Error(ErrorKind::failed,
                      fmt::format("somebody has changed {} on {} while it was copied: it is {}", plan.vm_name,
                                  plan.source, seen.exists ? model::describe(seen) : "not defined"))
                    .with_id("VMF-E222"));
}

/// To the end, or to the first error; each piece to the digest as well.
Result<std::string> digest_of(world::ImageReader& reader, CopyLook& look, world::ImageWriter* writer)
{
    DigestThread digest;
    while (true) {
        VMF_TRY_ASSIGN(const ImagePiece piece, reader.next());
        if (piece.length == 0) {
            break;
        }
        digest.put(piece);
        if (writer != nullptr) {
            VMF_TRY(writer->put(piece));
        }
        VMF_TRY(look.moved(piece));
    }
    return digest.finish();
}

struct Contents {
    std::string digest;
    uint64_t data_bytes = 0;
};

Result<Contents> transfer(Context& context, const ImageCopy& copy, const CopyPlaces& places,
                          const world::ImageFile& original, world::ImageWriter& writer)
{
    VMF_TRY_ASSIGN(world::Images * from, images_of(context, Side::source));
    CopyLook look(context, copy, original.allocation_bytes);
    Contents contents;
    VMF_TRY_ASSIGN(const auto reader, from->read(places.from));
    VMF_TRY_ASSIGN(contents.digest, digest_of(*reader, look, &writer));
    contents.data_bytes = look.done_bytes();
    VMF_TRY(writer.finish());
    return contents;
}

Result<> read_back(Context& context, const ImageCopy& copy, const CopyPlaces& places, const Contents& contents)
{
    VMF_TRY_ASSIGN(world::Images * to, images_of(context, places.to_side));
    CopyLook look(context, copy, contents.data_bytes);
    VMF_TRY_ASSIGN(const auto reader, to->read(places.to));
    VMF_TRY_ASSIGN(const std::string digest, digest_of(*reader, look, nullptr));
    if (digest == contents.digest) {
        return {};
    }
    return fail(Error(ErrorKind::failed, fmt::format("{} on {} does not hold what {} on {} does", copy.to,
                                                     context.label(places.to_side), copy.from, context.plan.source))
                    .with_id("VMF-E225")
                    .with_cause(fmt::format("read {}, written {}", contents.digest, digest)));
}

}  // namespace

Result<Json> copy_image(Context& context, const ImageCopy& copy, const CopyPlaces& places)
{
    VMF_TRY_ASSIGN(world::Images * source, images_of(context, Side::source));
    VMF_TRY_ASSIGN(const world::ImageFile original, source->look(copy.from));
    VMF_TRY_ASSIGN(world::Images * target, images_of(context, places.to_side));
    VMF_TRY_ASSIGN(const auto writer, target->write(places.to, original.stamp.length_bytes));
    VMF_TRY_ASSIGN(const Contents contents, transfer(context, copy, places, original, *writer));
    // The disk writes while the copy is read back.
    auto syncing = std::async(context.world.questions, [&] { return writer->sync(); });
    const Result<> same = read_back(context, copy, places, contents);
    VMF_TRY_ASSIGN(const bool synced, syncing.get());
    VMF_TRY(same);
    VMF_TRY_ASSIGN(const world::ImageFile after, source->look(copy.from));
    if (after.stamp != original.stamp) {
        return fail(Error(ErrorKind::failed, fmt::format("{} was written to while it was copied", copy.from))
                        .with_id("VMF-E224"));
    }
    VMF_TRY_ASSIGN(const world::ImageFile written, target->look(copy.to));
    context.outcome.disk_bytes_copied += contents.data_bytes;
    return Json{{"path", copy.to},
                {"sha256", contents.digest},
                {"data_bytes", contents.data_bytes},
                {"synced", synced},
                {"read_here", places.from.here},
                {"written_here", places.to.here},
                {"original", to_json(original.stamp)},
                {"copy", to_json(written.stamp)}};
}

}  // namespace vmferry::engine
