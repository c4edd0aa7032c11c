// The tables and keys of the configuration, as data, and their reader.

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "cli/config.hpp"
#include "cli/config_keys.hpp"
#include "cli/suggest.hpp"
#include "core/base/secret.hpp"
#include "core/base/units.hpp"

namespace vmferry::cli {

namespace {

Error config_error(const std::string& file, const toml::source_position& place, const std::string& what)
{
    return Error(ErrorKind::config, fmt::format("{}:{}:{}: {}", file, place.line, place.column, what))
        .with_next("correct the line and run it again");
}

/// Reads one file over a Config.
class Reader {
public:
    Reader(std::string file, Config& config) : m_file(std::move(file)), m_config(config) {}
    Result<> read(const toml::table& root);

private:
    Result<> read_keys(const toml::table& table, const std::string& where, const std::vector<Key>& keys);
    void remember(const std::string& where, const toml::key& key, const toml::node& node);
    Result<> read_hosts(const toml::node& node);
    Result<> read_host(const toml::node& node, const std::string& name);
    Result<> read_profiles(const toml::node& node);
    Key table_key(const std::string& name, std::vector<Key> keys);
    Result<> refuse(const toml::source_position& place, const std::string& what) const
    {
        return fail(config_error(m_file, place, what));
    }

    std::string m_file;
    Config& m_config;
};

void Reader::remember(const std::string& where, const toml::key& key, const toml::node& node)
{
    if (node.is_table()) {
        return;
    }
    std::ostringstream value;
    if (const auto* text = node.as_string()) {
        value << redact_uri(text->get());
    } else {
        value << toml::default_formatter(node);
    }
    const std::string name = where.empty() ? std::string(key.str()) : where + "." + std::string(key.str());
    m_config.set[name] = {value.str(), fmt::format("{}:{}", m_file, key.source().begin.line)};
}

Result<> Reader::read_keys(const toml::table& table, const std::string& where, const std::vector<Key>& keys)
{
    for (const auto& [key, node] : table) {
        const auto known =
            std::find_if(keys.begin(), keys.end(), [&](const Key& one) { return one.name == key.str(); });
        if (known == keys.end()) {
            std::vector<std::string> names;
            for (const Key& one : keys) {
                names.push_back(one.name);
            }
            return refuse(key.source().begin,
                          fmt::format("unknown {} '{}'{}{}", node.is_table() ? "table" : "key", key.str(),
                                      where.empty() ? "" : " in [" + where + "]", did_you_mean(key.str(), names)));
        }
        if (const auto done = known->read(node); !done) {
            // What a nested table says has its place already.
            const bool placed = done.error().what().starts_with(m_file + ":");
            return placed ? done : refuse(node.source().begin, fmt::format("'{}' {}", key.str(), done.error().what()));
        }
        remember(where, key, node);
    }
    return {};
}

Key Reader::table_key(const std::string& name, std::vector<Key> keys)
{
    return {name, [this, name, keys = std::move(keys)](const toml::node& node) -> Result<> {
                const toml::table* table = node.as_table();
                return table == nullptr
                           ? refuse(node.source().begin, fmt::format("'{0}' is a table: write [{0}]", name))
                           : read_keys(*table, name, keys);
            }};
}

Result<> Reader::read_host(const toml::node& node, const std::string& name)
{
    const toml::table* table = node.as_table();
    if (table == nullptr) {
        return refuse(node.source().begin, fmt::format("a host is a table: write [host.{}]", name));
    }
    HostEntry& entry = m_config.hosts[name];
    VMF_TRY(read_keys(*table, "host." + name,
                      {text_key("uri", [&](std::string text) { entry.uri = std::move(text); }),
                       text_key("migrate_host", [&](std::string text) { entry.migrate_host = std::move(text); })}));
    if (entry.uri.find("://") == std::string::npos) {
        return refuse(node.source().begin,
                      fmt::format("[host.{}] needs a key 'uri' like \"qemu+ssh://root@{}/system\"", name, name));
    }
    return {};
}

Result<> Reader::read_hosts(const toml::node& node)
{
    const toml::table* table = node.as_table();
    if (table == nullptr) {
        return refuse(node.source().begin, "'host' is a table: write [host.NAME]");
    }
    for (const auto& [key, host] : *table) {
        VMF_TRY(read_host(host, std::string(key.str())));
    }
    return {};
}

Result<> Reader::read_profiles(const toml::node& node)
{
    const toml::table* table = node.as_table();
    if (table == nullptr) {
        return refuse(node.source().begin, "'profile' is a table: write [profile.NAME]");
    }
    for (const auto& [key, profile] : *table) {
        const std::string name(key.str());
        const toml::table* settings = profile.as_table();
        if (settings == nullptr) {
            return refuse(profile.source().begin, fmt::format("a profile is a table: write [profile.{}]", name));
        }
        VMF_TRY(read_keys(*settings, "profile." + name, profile_keys(m_config.profiles[name])));
    }
    return {};
}

Result<> Reader::read(const toml::table& root)
{
    const auto connect = [this](std::string text) { m_config.connect = std::move(text); };
    std::vector<Key> defaults = profile_keys(m_config.defaults);
    defaults.push_back(text_key("connect", connect));
    defaults.push_back(duration_key("progress_interval", m_config.progress_interval));
    defaults.push_back(flag_key("require_tls", [this](bool on) { m_config.require_tls = on; }));
    defaults.push_back(text_key("profile", [this](std::string text) { m_config.profile = std::move(text); }));
    const std::vector<Key> keys{
        {"schema",
         [](const toml::node& node) -> Result<> {
             if (node.value<int64_t>() != 1) {
                 return fail(ErrorKind::config, "is not one that this vmferry knows: write schema = 1");
             }
             return {};
         }},
        table_key("defaults", std::move(defaults)),
        {"profile", [this](const toml::node& node) { return read_profiles(node); }},
        table_key("precheck",
                  {texts_key("accept", m_config.accept), flag_key("deep", [this](bool on) { m_config.deep = on; })}),
        table_key("plan", {texts_key("keys", m_config.plan_keys),
                           flag_key("require_signature", [this](bool on) { m_config.require_plan_signature = on; })}),
        table_key("journal", {path_key("path", m_config.journal_path), path_key("lock_dir", m_config.lock_directory)}),
        table_key("hooks", {path_key("dir", m_config.hook_directory), duration_key("timeout", m_config.hook_timeout)}),
        table_key("plugins",
                  {path_key("dir", m_config.plugin_directory), duration_key("timeout", m_config.plugin_timeout),
                   flag_key("kvm", [this](bool on) { m_config.plugin_kvm = on; })}),
        {"host", [this](const toml::node& node) { return read_hosts(node); }},
    };
    return read_keys(root, "", keys);
}

}  // namespace

Result<> read_config(const std::string& file, Config& config)
{
    std::ifstream stream(file);
    std::stringstream text;
    text << stream.rdbuf();
    if (!stream) {
        return fail(Error(ErrorKind::config, fmt::format("the configuration file {} cannot be read", file))
                        .with_next(fmt::format("ls -l {}", file)));
    }
    const toml::parse_result parsed = toml::parse(text.str(), file);
    if (!parsed) {
        const toml::parse_error& error = parsed.error();
        return fail(config_error(file, error.source().begin, std::string(error.description())));
    }
    config.files.push_back(file);
    return Reader(file, config).read(parsed.table());
}

}  // namespace vmferry::cli
