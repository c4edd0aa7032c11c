// Content of image files that nobody uses: read from one host, written to another.
//
// Error kinds as in host.hpp. Nothing here knows formats: a file is its bytes.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/result.hpp"
#include "core/world/disks.hpp"

namespace vmferry::world {

/// What changes when a file is written to, by whomever.
struct FileStamp {
    uint64_t length_bytes = 0;
    std::string modified;  ///< Seconds and nanoseconds, as its host tells them.
    std::string changed;   ///< The same of its inode: also when somebody sets `modified` back.

    bool operator==(const FileStamp&) const = default;
};

struct ImageFile {
    FileStamp stamp;
    uint64_t allocation_bytes = 0;
    std::string backing;  ///< Path of the image it stands on; empty: none.
};

/// A file, and how to come to it.
struct ImagePlace {
    std::string path;
    std::string working_pool;  ///< Transient, over its directory, while it is open. Chosen while planning.
    bool here = false;  ///< It was proved to be the file of that path on this machine: no daemon carries its bytes.
};

/// Some bytes of a file, in order.
struct ImagePiece {
    std::shared_ptr<const char[]> bytes;  ///< Null: a hole.
    uint64_t length = 0;                  ///< 0: the end.
};

class ImageReader {
public:
    virtual ~ImageReader() = default;
    /// The next piece. After an error there is no other.
    [[nodiscard]] virtual Result<ImagePiece> next() = 0;
};

class ImageWriter {
public:
    virtual ~ImageWriter() = default;
    [[nodiscard]] virtual Result<> put(const ImagePiece& piece) = 0;
    /// All of it has been put, and a reader finds it.
    [[nodiscard]] virtual Result<> finish() = 0;
    /// Waits until it is on stable storage; false where the host cannot be asked for that.
    [[nodiscard]] virtual Result<bool> sync() = 0;
};

class Images {
public:
    virtual ~Images() = default;

    /// Kind `not_found`.
    [[nodiscard]] virtual Result<ImageFile> look(const std::string& path) = 0;
    /// This machine has a file of that path which looks the same. Only a nonce proves that it is the same.
    [[nodiscard]] virtual bool seems_here(const std::string& path) = 0;
    /// This machine has a file of that path with that content.
    [[nodiscard]] virtual bool holds_here(const std::string& path, const std::string& content) = 0;
    /// What it opens lives as long as the reader, or until close().
    [[nodiscard]] virtual Result<std::unique_ptr<ImageReader>> read(const ImagePlace& place) = 0;
    /// Over all of an existing file, which gets that length.
    [[nodiscard]] virtual Result<std::unique_ptr<ImageWriter>> write(const ImagePlace& place,
                                                                     uint64_t length_bytes) = 0;
    /// Ends the transient pool of a place; ok when there is none.
    [[nodiscard]] virtual Result<> close(const ImagePlace& place) = 0;
};

}  // namespace vmferry::world
