// Files of a host with content, in memory: what is read, written, and when it was last written to.

#pragma once

#include <algorithm>
#include <cstring>
#include <functional>
#include <map>
#include <string>

#include "core/world/images.hpp"

namespace vmferry::test {

class FakeImages final : public world::Images {
public:
    struct File {
        std::string content;
        std::string backing;
        int changes = 1;
    };
    std::map<std::string, File> files;
    bool are_here = false;                ///< This machine sees them.
    bool garbles = false;                 ///< What is written is not what is read back.
    bool answers = true;                  ///< Else it is unreachable.
    std::function<void()> at_each_piece;  ///< Before it is read.

    void write_to(const std::string& path, const std::string& content)
    {
        files[path].content = content;
        ++files[path].changes;
    }

    Result<world::ImageFile> look(const std::string& path) override
    {
        if (!answers) {
            return fail(ErrorKind::unreachable, "no answer");
        }
        const auto file = files.find(path);
        if (file == files.end()) {
            return fail(ErrorKind::not_found, "there is no file " + path);
        }
        const std::string changed = std::to_string(file->second.changes);
        return world::ImageFile{
            {file->second.content.size(), changed, changed}, file->second.content.size(), file->second.backing};
    }
    bool seems_here(const std::string& path) override { return are_here && files.contains(path); }
    bool holds_here(const std::string&, const std::string&) override { return are_here; }
    Result<std::unique_ptr<world::ImageReader>> read(const world::ImagePlace& place) override
    {
        return std::make_unique<Reader>(*this, place.path);
    }
    Result<std::unique_ptr<world::ImageWriter>> write(const world::ImagePlace& place, uint64_t length) override
    {
        write_to(place.path, "");
        return std::make_unique<Writer>(*this, place.path, length);
    }
    Result<> close(const world::ImagePlace&) override { return {}; }

private:
    static constexpr uint64_t k_piece_bytes = 7;

    class Reader final : public world::ImageReader {
    public:
        Reader(FakeImages& images, std::string path) : m_images(images), m_path(std::move(path)) {}
        /// Zeros are holes.
        Result<world::ImagePiece> next() override
        {
            if (m_images.at_each_piece) {
                m_images.at_each_piece();
            }
            const std::string piece = m_images.files[m_path].content.substr(m_at, k_piece_bytes);
            m_at += piece.size();
            if (piece.find_first_not_of('\0') == std::string::npos) {
                return world::ImagePiece{nullptr, piece.size()};
            }
            const auto bytes = std::make_shared<char[]>(piece.size());
            std::memcpy(bytes.get(), piece.data(), piece.size());
            return world::ImagePiece{bytes, piece.size()};
        }

    private:
        FakeImages& m_images;
        std::string m_path;
        size_t m_at = 0;
    };

    class Writer final : public world::ImageWriter {
    public:
        Writer(FakeImages& images, std::string path, uint64_t length)
            : m_images(images), m_path(std::move(path)), m_length(length)
        {
        }
        Result<> put(const world::ImagePiece& piece) override
        {
            m_content += piece.bytes ? std::string(piece.bytes.get(), piece.length) : std::string(piece.length, '\0');
            return {};
        }
        Result<> finish() override
        {
            if (m_content.size() != m_length) {
                return fail(ErrorKind::failed, "not all was written");
            }
            if (m_images.garbles) {
                m_content.back() = static_cast<char>(m_content.back() ^ 1);
            }
            m_images.write_to(m_path, m_content);
            return {};
        }
        Result<bool> sync() override { return true; }

    private:
        FakeImages& m_images;
        std::string m_path;
        uint64_t m_length;
        std::string m_content;
    };
};

}  // namespace vmferry::test
