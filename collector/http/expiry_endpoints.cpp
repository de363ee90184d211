// The calendar of everything that ends: as JSON, as an iCalendar, as CSV.
#include <optional>
#include <utility>

#include "collector/expiry/expiry_calendar.h"
#include "collector/expiry/expiry_csv.h"
#include "collector/expiry/icalendar.h"
#include "collector/fleet/entity_view.h"
#include "collector/http/endpoint_state.h"
#include "collector/http/error_response.h"
#include "collector/identity/ca_rotation.h"

namespace muster::collector::http {
namespace {

v1::ExpiryList make_list(const EndpointContext& context, ExpiryQuery query) {
  const bool wants_authorities = query.kinds.has(v1::EXPIRY_KIND_FLEET_AUTHORITY);
  ExpiryCalendar calendar(std::move(query));
  const auto add = [&calendar](const EntityView& entity) { calendar.add(entity); };
  context.fleet.visit_entities(add);
  if (context.targets != nullptr) context.targets->entities().visit_entities(add);
  calendar.add_dates(*context.fleet.policy());
  if (wants_authorities && context.rotation != nullptr) {
    calendar.add_authorities(context.rotation->status());
  }
  return calendar.take();
}

// `name`: what a browser saves it as.
Response file_response(std::string body, const char* type, const char* name) {
  Response response;
  response.content_type = type;
  response.body = std::move(body);
  response.headers.emplace_back("Content-Disposition",
                                std::string("inline; filename=\"") + name + "\"");
  return response;
}

Response make_answer(const Call& call, std::optional<ExpiryFormat> only) {
  const EndpointContext& context = call.state.context;
  absl::StatusOr<ExpiryQuery> query =
      parse_expiry_query(call.request.query, context.clock.now(), only);
  if (!query.ok()) return error_response(query.status());
  const ExpiryFormat format = query->format;
  const v1::ExpiryList list = make_list(context, *std::move(query));
  switch (format) {
    case ExpiryFormat::kCalendar:
      return file_response(to_icalendar(list), kCalendarType, "expiry.ics");
    case ExpiryFormat::kCsv:
      return file_response(to_expiry_csv(list), kCsvType, "expiry.csv");
    default:
      return json_response(list);
  }
}

void answer(Call&& call, std::optional<ExpiryFormat> only) {
  OneAtATime& turns = call.state.calendars;
  answer_in_turn(turns, std::move(call),
                 [only](const Call& later) { return make_answer(later, only); });
}

}  // namespace

void get_expiry(Call&& call) {
  answer(std::move(call), std::nullopt);
}
void get_expiry_calendar(Call&& call) {
  answer(std::move(call), ExpiryFormat::kCalendar);
}
void get_expiry_csv(Call&& call) {
  answer(std::move(call), ExpiryFormat::kCsv);
}

}  // namespace muster::collector::http
