#include "collector/http/endpoint_state.h"

#include <fmt/format.h>
#include <google/protobuf/util/json_util.h>

#include <memory>

#include "collector/http/error_response.h"

namespace muster::collector::http {
namespace {

constexpr double kEnrolmentBurst = 20;
constexpr Duration kEnrolmentRefill = std::chrono::seconds(3);

prometheus::Gauge& scrape_gauge(prometheus::Registry& registry) {
  return prometheus::BuildGauge()
      .Name("muster_collector_scrape_duration_seconds")
      .Help("How long the last exposition took to write.")
      .Register(registry)
      .Add({});
}

// Of a pool, or of what has a turn in one.
template <typename Queue>
void answer_from(Queue& work, Call&& call, std::function<Response(Call&)> make) {
  const Respond respond = call.respond;
  // Shared, since what a std::function holds must be copyable.
  const auto shared = std::make_shared<Call>(std::move(call));
  const bool queued =
      work.post([shared, make = std::move(make)] { shared->respond(make(*shared)); });
  if (!queued) {
    respond(error_response(
        absl::ResourceExhaustedError("too many requests wait for an answer; try again")));
  }
}

}  // namespace

EndpointState::EndpointState(EndpointContext& endpoint_context, std::span<const Route> table)
    : context(endpoint_context),
      routes(table),
      auth(context.users, context.clock, context.known_passwords),
      enrolments(context.clock, kEnrolmentBurst, kEnrolmentRefill),
      reenrolments(context.clock, kEnrolmentBurst, kEnrolmentRefill),
      scrape_duration(scrape_gauge(context.registry)) {}

void answer_later(Call&& call, std::function<Response(Call&)> make) {
  WorkPool& work = call.state.work;
  answer_from(work, std::move(call), std::move(make));
}

void answer_in_turn(OneAtATime& turns, Call&& call, std::function<Response(Call&)> make) {
  answer_from(turns, std::move(call), std::move(make));
}

Response json_response(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  // In free JSON it would put a field "values" into every object, which Prometheus refuses.
  options.always_print_primitive_fields = message.GetDescriptor()->well_known_type() ==
                                          google::protobuf::Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
  Response response;
  response.content_type = "application/json";
  const auto written =
      google::protobuf::util::MessageToJsonString(message, &response.body, options);
  if (!written.ok()) {
    return error_response(500, fmt::format("writing the answer: {}", written.ToString()));
  }
  response.body += '\n';
  return response;
}

absl::Status read_json(const Request& request, google::protobuf::Message& message,
                       bool ignore_unknown_fields) {
  const auto type = request.headers.find("content-type");
  // A web page can post a form or text to a collector on the reader's machine, but not this.
  if (type != request.headers.end() && !type->second.starts_with("application/json")) {
    return absl::InvalidArgumentError("the body must be JSON: Content-Type application/json");
  }
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = ignore_unknown_fields;
  const auto status = google::protobuf::util::JsonStringToMessage(request.body, &message, options);
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("the body is not the JSON of a {}: {}",
                                                message.GetDescriptor()->name(),
                                                std::string(status.message())));
}

}  // namespace muster::collector::http
