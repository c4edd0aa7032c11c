#include "core/model/marker.hpp"

#include <tuple>

namespace vmferry::model {

namespace {

auto fields(const Marker& marker)
{
    return std::tie(marker.transaction, marker.epoch, marker.role, marker.committed, marker.controller, marker.resumed,
                    marker.nvram, marker.instance, marker.cpu_time_ns);
}

bool same_text(const std::shared_ptr<const std::string>& one, const std::shared_ptr<const std::string>& other)
{
    return one == other || (one != nullptr && other != nullptr && *one == *other);
}

}  // namespace

bool Marker::operator==(const Marker& other) const
{
    return fields(*this) == fields(other) && same_text(plan, other.plan);
}

Json to_json(const Marker& marker)
{
    return Json{
        {"transaction", marker.transaction.str()}, {"epoch", marker.epoch},     {"role", to_string(marker.role)},
        {"committed", marker.committed},           {"resumed", marker.resumed}, {"controller", marker.controller}};
}

}  // namespace vmferry::model
