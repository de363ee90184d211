#include <fmt/format.h>

#include "agent/probes/firmware/answered/answer_complaint.h"
#include "agent/probes/firmware/answered/answered.h"
#include "agent/probes/firmware/answered/notes.h"
#include "agent/probes/firmware/nvme/firmware_slots.h"
#include "agent/probes/firmware/nvme/identify_controller.h"

namespace muster::firmware {
namespace {

std::string text_of(const absl::Status& status) {
  return std::string(status.message().data(), status.message().size());
}

// Why it is not all told; empty: it is.
std::string add_answers(const probe::HostAnswers& answers, v1::FirmwareComponent& drive) {
  std::string_view bytes;
  std::string complaint = take_answer(answers, drive.name() + "/identify", bytes);
  if (!complaint.empty()) return complaint;
  const absl::StatusOr<nvme::Controller> controller = nvme::parse_identify_controller(bytes);
  if (!controller.ok()) return text_of(controller.status());
  if (!controller->model.empty()) drive.set_model(controller->model);
  drive.set_version(controller->firmware);
  drive.set_source("NVMe");
  complaint = take_answer(answers, drive.name() + "/firmware-slots", bytes);
  if (!complaint.empty()) return complaint;
  const absl::StatusOr<nvme::FirmwareSlots> slots = nvme::parse_firmware_slots(bytes);
  if (!slots.ok()) return text_of(slots.status());
  const absl::StatusOr<nvme::FirmwareNowAndNext> told = nvme::tell_firmware(*controller, *slots);
  if (!told.ok()) return text_of(told.status());
  drive.set_version(told->running);
  drive.set_next_version(told->next);
  drive.set_tells_next(true);
  return {};
}

}  // namespace

void add_answers_of_nvme_drives(const probe::HostAnswers& answers, Found& drives) {
  Notes notes;
  for (v1::FirmwareComponent& drive : drives.components)
    notes.add("/dev/" + drive.name(), add_answers(answers, drive));
  notes.take_to(drives);
}

}  // namespace muster::firmware
