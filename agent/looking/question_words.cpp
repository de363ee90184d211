#include "agent/looking/question_words.h"

#include <fmt/format.h>

namespace muster::agent {

using answers::Group;
using answers::Kind;
using answers::Question;

std::string in_words(const Question& question) {
  switch (question.kind) {
    case Kind::kCommand: {
      std::string words = question.paths[0];
      for (const char* const word : question.arguments) {
        if (word != nullptr) words += fmt::format(" {}", word);
      }
      return words;
    }
    case Kind::kUnixSocket:
      return fmt::format("the socket {}, or that of {}", question.paths[0], question.settings[0]);
    case Kind::kLoopback:
      return fmt::format("127.0.0.1:{}, or the port of {}", question.port, question.settings[0]);
    case Kind::kAudit:
      return "the kernel, for the status and the rules of audit";
    case Kind::kProcesses:
      return "/proc, for each process's id, user and name";
  }
  return {};
}

std::vector<std::string> questions_of(char group) {
  // Of devices: agent/device_answers/device_tasks.h has the commands.
  if (group == 'f') {
    return {"drives at NVMe: Identify, log 03h", "/dev/ipmi*: Get Device ID, Get SEL Info",
            "the kernel, for devlink's devices and the drivers of network adapters"};
  }
  if (group == 'h') {
    return {"drives at NVMe: Identify, log 02h",
            "/dev/sd*: LOG SENSE 2Fh, or of ATA SMART RETURN STATUS and log 04h",
            "the device mapper, for the status of each mapping"};
  }
  std::vector<std::string> all;
  const auto of_products = static_cast<Group>(group);
  if (name_of(of_products).empty()) return all;
  for (const Question& question : answers::all_questions()) {
    if (is_asked(question, of_products)) all.push_back(in_words(question));
  }
  return all;
}

}  // namespace muster::agent
