// vmferry-fuzz-replay TARGET FILE|FOLDER..: gives a target what is in the files, without a fuzzer. An empty
// corpus is an error: then nothing would be tested.

#include <spdlog/spdlog.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/targets.hpp"

namespace {

int read_file(const vmferry::fuzz::Target& target, const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    std::fprintf(stderr, "%s\n", path.c_str());
    target.read({std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()});
    return 1;
}

}  // namespace

int main(int argc, char** argv)
{
    const vmferry::fuzz::Target* target = argc < 2 ? nullptr : vmferry::fuzz::find_target(argv[1]);
    if (target == nullptr) {
        std::fprintf(stderr, "targets:\n");
        for (const auto& one : vmferry::fuzz::targets()) {
            std::fprintf(stderr, "  %.*s\n", static_cast<int>(one.name.size()), one.name.data());
        }
        return 64;
    }
    spdlog::set_level(spdlog::level::off);
    int read = 0;
    for (int i = 2; i < argc; ++i) {
        if (!std::filesystem::is_directory(argv[i])) {
            read += read_file(*target, argv[i]);
            continue;
        }
        for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
            read += read_file(*target, entry.path());
        }
    }
    return read == 0 ? 1 : 0;
}
