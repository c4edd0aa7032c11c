#include "cli/report_announce.hpp"

#include <fmt/format.h>

#include "cli/report.hpp"

namespace vmferry::cli {

using engine::ExitCode;

namespace {

OrderedJson answers_json(const AnnouncedInterface& interface)
{
    OrderedJson list = OrderedJson::array();
    for (const ProbedAddress& probed : interface.addresses) {
        OrderedJson one;
        one["address"] = network::to_string(probed.address);
        one["method"] = probed.answer ? OrderedJson(probed.answer->method) : OrderedJson();
        one["after_ms"] = probed.answer ? OrderedJson(probed.answer->after.count()) : OrderedJson();
        list.push_back(std::move(one));
    }
    return list;
}

std::string port_text(const network::LearnedPort& port)
{
    return port.bridge.empty() ? port.interface : port.bridge + "/" + port.interface;
}

}  // namespace

OrderedJson announce_json(const Announced& announced, const std::optional<Error>& error, ExitCode code)
{
    OrderedJson json;
    json["schema"] = k_announce_schema;
    json["vm"]["name"] = announced.domain.name;
    json["vm"]["uuid"] = announced.domain.uuid.str();
    json["host"] = announced.host;
    json["exit_code"] = static_cast<int>(code);
    json["interfaces"] = OrderedJson::array();
    for (const AnnouncedInterface& interface : announced.interfaces) {
        OrderedJson one;
        one["mac"] = interface.mac.str();
        one["method"] = announced.method;
        one["rounds"] = announced.rounds;
        one["learned_on"] = interface.learned ? OrderedJson(port_text(*interface.learned)) : OrderedJson();
        one["answers"] = answers_json(interface);
        one["verified"] = interface.verified();
        json["interfaces"].push_back(std::move(one));
    }
    json["error"] = error ? error_json(*error) : OrderedJson();
    return json;
}

std::string announce_text(const Announced& announced)
{
    const size_t nics = announced.interfaces.size();
    std::string text =
        fmt::format("{} announced from {}: {} interface{}, {} round{} ({}).\n", announced.domain.name, announced.host,
                    nics, nics == 1 ? "" : "s", announced.rounds, announced.rounds == 1 ? "" : "s", announced.method);
    for (const AnnouncedInterface& one : announced.interfaces) {
        if (one.learned) {
            text += fmt::format("{} was learned on {}.\n", one.mac.str(), port_text(*one.learned));
        }
        for (const ProbedAddress& probed : one.addresses) {
            text += probed.answer
                        ? fmt::format("{} answers at {} ({}).\n", one.mac.str(), network::to_string(probed.address),
                                      probed.answer->method)
                        : fmt::format("{} does not answer at {}.\n", one.mac.str(), network::to_string(probed.address));
        }
    }
    return text;
}

}  // namespace vmferry::cli
