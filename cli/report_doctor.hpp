// What the doctor saw, for people and as vmferry.doctor/1.

#pragma once

#include <string>

#include "cli/doctor.hpp"
#include "core/base/json.hpp"

namespace vmferry::cli {

inline constexpr std::string_view k_doctor_schema = "vmferry.doctor/1";

[[nodiscard]] std::string doctor_text(const DoctorView& view);
[[nodiscard]] OrderedJson doctor_json(const DoctorView& view, engine::ExitCode code);

}  // namespace vmferry::cli
