#include "core/model/marker.hpp"

namespace vmferry::model {

Json to_json(const Marker& marker)
{
    return Json{{"transaction", marker.transaction.str()},
                {"epoch", marker.epoch},
                {"role", to_string(marker.role)},
                {"committed", marker.committed},
                {"controller", marker.controller}};
}

}  // namespace vmferry::model
