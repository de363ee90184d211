#include "agent/output/what_leaves.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include "agent/output/check_notes.h"
#include "agent/output/section_json.h"
#include "common/text.h"
#include "muster/v1/fleet.pb.h"
#include "muster/v1/host_facts.pb.h"

namespace muster::agent {
namespace {

// As JSON would have it, zeros and empty lists included: what is not there is worth seeing.
std::string json_of(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  return json;
}

// What enrolment sends, with words in the place of what it will be made of.
v1::EnrolRequest enrolment(std::span<const SectionState> sections) {
  v1::EnrolRequest request;
  request.set_token("(the token that the operator gives)");
  request.set_certificate_signing_request("(the public key that is made on this host)");
  for (const SectionState& section : sections) {
    v1::HostFacts facts;
    if (section.facts_type != facts.GetTypeName() || !facts.ParseFromString(section.facts))
      continue;
    request.set_hostname(facts.hostname());
    request.set_machine_id_hash(facts.machine_id_hash());
  }
  return request;
}

}  // namespace

std::string what_leaves_text(std::span<const SectionState> sections, const TerminalStyle& style) {
  const auto heading = [&style](std::string_view text) {
    return paint(for_terminal(text, style), Ink::kBold, style) + "\n";
  };
  const auto paragraph = [&style](const std::string& text) {
    std::string lines;
    for (const std::string& line : wrap_text(text, style.width))
      lines += for_terminal(line, style) + "\n";
    return lines;
  };
  std::string text = heading(fmt::format("What leaves {}", printable(host_names(sections).name)));
  text += paragraph(
      "To the collectors of agent.yml, over TLS in which both ends prove who they are; to nobody "
      "else, and nothing else. docs/privacy.md explains every field.");
  text += "\n" + heading("Once, at enrolment") + json_of(enrolment(sections));
  text += "\n" + heading("At every renewal of the certificate");
  text += paragraph("The new public key, and machine_id_hash as above.");
  text += "\n" + heading("At every report");
  text += paragraph(
      "The time, the epoch, the SHA-256 of the CA certificates that are trusted; and for each "
      "probe "
      "below its name, sequence, outcome, times, the type and digest of its facts, its "
      "measurements, and the facts when they have changed:");
  for (const SectionState& section : sections) {
    const v1::FleetSection shown = section_message(section);
    text +=
        "\n" + heading(fmt::format("{}: {} bytes of facts", section.probe, section.facts.size()));
    text += json_of(shown);
  }
  return text;
}

std::string what_leaves_json(std::span<const SectionState> sections) {
  std::string text =
      fmt::format("{{\"enrolment\": {}, \"sections\": [", json_of(enrolment(sections)));
  for (size_t i = 0; i < sections.size(); ++i)
    text += (i == 0 ? "" : ", ") + json_of(section_message(sections[i]));
  return text + "]}\n";
}

}  // namespace muster::agent
