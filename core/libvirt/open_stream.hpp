// What readers and writers of volume streams have in common.

#pragma once

#include "core/libvirt/connection.hpp"
#include "core/libvirt/directory.hpp"
#include "core/libvirt/handles.hpp"
#include "core/libvirt/limits.hpp"
#include "core/world/images.hpp"

namespace vmferry::libvirt {

/// Pool and file, as long as they are open. Shared with the calls that are out.
struct OpenFile {
    PoolHandle pool;
    VolumeHandle file;
};

inline Result<OpenFile> open_file(virConnectPtr connection, const world::ImagePlace& place)
{
    VMF_TRY_ASSIGN(auto pool, open_directory(connection, directory_of(place.path), place.working_pool));
    if (!pool) {
        return fail(ErrorKind::not_found, "there is no directory " + directory_of(place.path));
    }
    VMF_TRY_ASSIGN(auto file, find_file(pool->get(), name_of(place.path)));
    if (!file) {
        return fail(ErrorKind::not_found, "there is no file " + place.path);
    }
    return OpenFile{std::move(*pool), std::move(*file)};
}

/// The error of a stream; it is aborted, or its end would wait for the rest.
inline tl::unexpected<Error> broken(virStreamPtr stream, std::string what)
{
    const Failure failure = Failure::last();
    virStreamAbort(stream);
    return fail(error_of(failure, std::move(what)));
}

/// What `State` has open, on `connection`; ended when the last one lets go of it.
template <typename State>
class Open {
public:
    Open(std::shared_ptr<Connection> connection, world::ImagePlace place, std::shared_ptr<State> state)
        : m_connection(std::move(connection)), m_place(std::move(place)), m_state(std::move(state))
    {
    }
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;
    ~Open()
    {
        static_cast<void>(m_connection->act(
            limits::k_storage, "closing " + m_place.path,
            [state = std::move(m_state), pool = m_place.working_pool](virConnectPtr raw) mutable -> Result<> {
                if (state->stream) {
                    virStreamAbort(state->stream.get());
                }
                state.reset();
                return close_directory(raw, pool);
            }));
    }

    template <typename Work>
    auto call(const char* doing, Work work)
    {
        return m_connection->act(limits::k_piece, doing + m_place.path,
                                 [state = m_state, work](virConnectPtr raw) { return work(*state, raw); });
    }

private:
    std::shared_ptr<Connection> m_connection;
    world::ImagePlace m_place;
    std::shared_ptr<State> m_state;
};

}  // namespace vmferry::libvirt
