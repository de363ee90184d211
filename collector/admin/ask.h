// What the verbs of muster-collector have in common: ask the collector, print its answer. One
// thread; calls block.
#pragma once

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <string>
#include <string_view>

#include "collector/admin/channel.h"
#include "collector/admin/verbs.h"

namespace muster::collector {

// With a new line at its end.
inline void print(std::string_view text) {
  fmt::print("{}", text);
  if (!text.empty() && text.back() != '\n') fmt::print("\n");
}

// Fields of a newer collector are left out.
template <typename Message>
absl::StatusOr<Message> parse_answer(const std::string& answer) {
  Message message;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto parsed = google::protobuf::util::JsonStringToMessage(answer, &message, options);
  if (parsed.ok()) return message;
  return absl::InternalError(
      fmt::format("cannot read the collector's answer ({}); is it of another version? "
                  "`--format json` shows it as it is",
                  parsed.ToString()));
}

// Asks, and prints the answer as it came or as `show` makes it. Returns the exit status.
template <typename Message>
int ask(const Config& config, const Clock& clock, const std::string& method,
        const std::string& path, const std::string& body, const Presentation& presentation,
        std::string (*show)(const Message&, TimePoint, const TerminalStyle&)) {
  Channel channel(config, clock);
  const absl::StatusOr<std::string> answer = channel.request(method, path, body);
  if (!answer.ok()) return fail(answer.status());
  if (presentation.format == OutputFormat::kJson) {
    print(*answer);
    return 0;
  }
  const absl::StatusOr<Message> message = parse_answer<Message>(*answer);
  if (!message.ok()) return fail(message.status());
  print(show(*message, clock.now(), presentation.style));
  return 0;
}

// The same of a list, of which `choose` takes out what is not wanted.
template <typename Message, typename Choose>
int ask_for_some(const Config& config, const Clock& clock, const std::string& path,
                 const Presentation& presentation, const Choose& choose,
                 std::string (*show)(const Message&, TimePoint, const TerminalStyle&)) {
  Channel channel(config, clock);
  const absl::StatusOr<std::string> answer = channel.request("GET", path, "");
  if (!answer.ok()) return fail(answer.status());
  absl::StatusOr<Message> message = parse_answer<Message>(*answer);
  if (!message.ok()) return fail(message.status());
  choose(*message);
  if (presentation.format == OutputFormat::kTable) {
    print(show(*message, clock.now(), presentation.style));
    return 0;
  }
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto written = google::protobuf::util::MessageToJsonString(*message, &json, options);
  if (!written.ok()) return fail(absl::InternalError(written.ToString()));
  print(json);
  return 0;
}

}  // namespace muster::collector
