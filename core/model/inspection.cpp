#include "core/model/inspection.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/base/foreign_text.hpp"
#include "core/base/json_at.hpp"

namespace vmferry::model {

namespace {

/// Longer than any label, name or sentence that a plugin has reason to tell.
constexpr size_t k_text_bytes_max = 400;
constexpr size_t k_list_max = 1024;

using State = ImageContents::State;
using Health = FileSystem::Health;

constexpr std::array<std::pair<std::string_view, State>, 3> k_states{
    {{"inspected", State::inspected}, {"damaged", State::damaged}, {"not-inspected", State::not_inspected}}};
constexpr std::array<std::pair<std::string_view, Health>, 3> k_healths{
    {{"whole", Health::whole}, {"damaged", Health::damaged}, {"not-checked", Health::not_checked}}};

template <typename Words, typename Value>
std::string_view word_of(const Words& words, Value value)
{
    return std::find_if(words.begin(), words.end(), [&](const auto& one) { return one.second == value; })->first;
}

/// Reads foreign JSON and remembers whether something in it is no answer.
class Reader {
public:
    [[nodiscard]] std::string text(const Json& object, const char* key)
    {
        return harmless(text_at(object, key), k_text_bytes_max);
    }
    [[nodiscard]] uint64_t size(const Json& object, const char* key)
    {
        return static_cast<uint64_t>(std::max<int64_t>(0, integer_at(object, key, 0)));
    }
    /// The elements of a list; none when it is missing.
    [[nodiscard]] std::vector<Json> list(const Json& object, const char* key)
    {
        const auto found = object.is_object() ? object.find(key) : object.end();
        if (found == object.end() || found->is_null()) {
            return {};
        }
        if (!found->is_array() || found->size() > k_list_max) {
            m_problem = std::string("'") + key + "' is no list, or too long";
            return {};
        }
        return {found->begin(), found->end()};
    }
    template <typename Words>
    [[nodiscard]] auto word(const Words& words, const Json& object, const char* key)
    {
        const std::string said = text_at(object, key);
        const auto found = std::find_if(words.begin(), words.end(), [&](const auto& one) { return one.first == said; });
        if (found == words.end()) {
            m_problem = std::string("'") + key + "' has no value that is known";
            return words.back().second;
        }
        return found->second;
    }
    [[nodiscard]] const std::string& problem() const { return m_problem; }

private:
    std::string m_problem;
};

ImageContents image_from_json(Reader& reader, const Json& json)
{
    ImageContents image;
    image.disk = reader.text(json, "disk");
    image.state = reader.word(k_states, json, "state");
    image.reason = reader.text(json, "reason");
    image.capacity_bytes = reader.size(json, "capacity_bytes");
    image.table = reader.text(json, "table");
    image.blank = flag_at(json, "blank");
    for (const Json& one : reader.list(json, "partitions")) {
        const auto number = std::clamp<int64_t>(integer_at(one, "number", 0), 0, 1'000'000);
        image.partitions.push_back({static_cast<int>(number), reader.size(one, "start_bytes"),
                                    reader.size(one, "size_bytes"), reader.text(one, "type")});
    }
    return image;
}

FileSystem file_system_from_json(Reader& reader, const Json& json)
{
    FileSystem system;
    system.device = reader.text(json, "device");
    system.type = reader.text(json, "type");
    system.label = reader.text(json, "label");
    system.uuid = reader.text(json, "uuid");
    system.size_bytes = reader.size(json, "size_bytes");
    if (const int64_t free = integer_at(json, "free_bytes", -1); free >= 0) {
        system.free_bytes = static_cast<uint64_t>(free);
    }
    system.health = reader.word(k_healths, json, "health");
    system.detail = reader.text(json, "detail");
    return system;
}

OperatingSystem system_from_json(Reader& reader, const Json& json)
{
    return {reader.text(json, "root"),     reader.text(json, "type"),    reader.text(json, "distribution"),
            reader.text(json, "product"),  reader.text(json, "version"), reader.text(json, "architecture"),
            reader.text(json, "host_name")};
}

Json to_json(const ImageContents& image)
{
    Json partitions = Json::array();
    for (const Partition& one : image.partitions) {
        partitions.push_back({{"number", one.number},
                              {"start_bytes", one.start_bytes},
                              {"size_bytes", one.size_bytes},
                              {"type", one.type}});
    }
    return {{"disk", image.disk},      {"state", to_string(image.state)},        {"reason", image.reason},
            {"table", image.table},    {"capacity_bytes", image.capacity_bytes}, {"blank", image.blank},
            {"partitions", partitions}};
}

Json to_json(const FileSystem& system)
{
    return {{"device", system.device},
            {"type", system.type},
            {"label", system.label},
            {"uuid", system.uuid},
            {"size_bytes", system.size_bytes},
            {"free_bytes", system.free_bytes ? Json(*system.free_bytes) : Json()},
            {"health", to_string(system.health)},
            {"detail", system.detail}};
}

Json to_json(const OperatingSystem& system)
{
    return {{"root", system.root},          {"type", system.type},       {"distribution", system.distribution},
            {"product", system.product},    {"version", system.version}, {"architecture", system.architecture},
            {"host_name", system.host_name}};
}

}  // namespace

std::string_view to_string(ImageContents::State state) { return word_of(k_states, state); }
std::string_view to_string(FileSystem::Health health) { return word_of(k_healths, health); }

Json to_json(const Inspection& inspection)
{
    const auto list_of = [](const auto& values) {
        Json list = Json::array();
        for (const auto& one : values) {
            list.push_back(to_json(one));
        }
        return list;
    };
    return {{"schema", k_inspection_schema},
            {"images", list_of(inspection.images)},
            {"file_systems", list_of(inspection.file_systems)},
            {"volume_groups", inspection.volume_groups},
            {"systems", list_of(inspection.systems)},
            {"incomplete", inspection.incomplete}};
}

Result<Inspection> inspection_from_json(const Json& json)
{
    if (text_at(json, "schema") != k_inspection_schema) {
        return fail(ErrorKind::failed, "it is no " + std::string(k_inspection_schema));
    }
    Reader reader;
    Inspection inspection;
    for (const Json& one : reader.list(json, "images")) {
        inspection.images.push_back(image_from_json(reader, one));
    }
    for (const Json& one : reader.list(json, "file_systems")) {
        inspection.file_systems.push_back(file_system_from_json(reader, one));
    }
    for (const Json& one : reader.list(json, "volume_groups")) {
        inspection.volume_groups.push_back(harmless(one.is_string() ? one.get<std::string>() : "", k_text_bytes_max));
    }
    for (const Json& one : reader.list(json, "systems")) {
        inspection.systems.push_back(system_from_json(reader, one));
    }
    inspection.incomplete = reader.text(json, "incomplete");
    if (!reader.problem().empty()) {
        return fail(ErrorKind::failed, reader.problem());
    }
    return inspection;
}

}  // namespace vmferry::model
