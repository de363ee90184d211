#include "agent/probes/firmware/answered/answer_complaint.h"
#include "agent/probes/firmware/answered/answered.h"
#include "agent/probes/firmware/answered/notes.h"
#include "agent/probes/firmware/ipmi/device_id.h"
#include "agent/probes/firmware/ipmi/event_log_info.h"

namespace muster::firmware {
namespace {

std::string text_of(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

// Why it is not told; empty: it is. `device` as far as it is.
std::string take_device(const probe::HostAnswers& answers, const std::string& name,
                        absl::StatusOr<ipmi::DeviceId>& device) {
  std::string_view bytes;
  std::string complaint = take_answer(answers, name + "/device-id", bytes);
  if (!complaint.empty()) return complaint;
  device = ipmi::parse_device_id(bytes);
  return device.ok() ? "" : text_of(device.status());
}

std::string add_event_log(const probe::HostAnswers& answers, const std::string& name,
                          std::vector<v1::EventLog>& event_logs) {
  std::string_view bytes;
  std::string complaint = take_answer(answers, name + "/event-log", bytes);
  if (!complaint.empty()) return complaint;
  const absl::StatusOr<ipmi::EventLogInfo> information = ipmi::parse_event_log_info(bytes);
  if (!information.ok()) return text_of(information.status());
  v1::EventLog& log = event_logs.emplace_back();
  log.set_name(name);
  if (information->percent_used) {
    log.set_percent_used(static_cast<uint32_t>(*information->percent_used));
  }
  log.set_lost_events(information->overflowed);
  return {};
}

}  // namespace

void add_answers_of_management_controllers(const probe::HostAnswers& answers, Found& controllers,
                                           std::vector<v1::EventLog>& event_logs) {
  Notes notes;
  for (v1::FirmwareComponent& controller : controllers.components) {
    // Of one that only SMBIOS tells of there is no device.
    if (controller.name().empty()) continue;
    const std::string device_file = "/dev/" + controller.name();
    absl::StatusOr<ipmi::DeviceId> device = absl::UnknownError("");
    const std::string complaint = take_device(answers, controller.name(), device);
    notes.add(device_file, complaint);
    if (!device.ok()) continue;
    const std::string version = ipmi::version_text(*device);
    if (!version.empty()) controller.set_version(version);
    if (controller.vendor().empty()) controller.set_vendor(device->manufacturer);
    if (device->has_event_log) {
      notes.add(device_file, add_event_log(answers, controller.name(), event_logs));
    }
  }
  notes.take_to(controllers);
}

}  // namespace muster::firmware
