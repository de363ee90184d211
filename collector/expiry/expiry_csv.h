// A list of what ends as CSV (RFC 4180, UTF-8, with a header): for spreadsheets. A cell that a
// spreadsheet would take for a formula has an apostrophe before it. Pure; any thread.
#pragma once

#include <string>

#include "muster/v1/fleet.pb.h"

namespace muster::collector {

inline constexpr const char* kCsvType = "text/csv; charset=utf-8; header=present";

// What the list lacks is told by rows of the kinds "omitted" and "without-end", which have no end.
std::string to_expiry_csv(const v1::ExpiryList& list);

}  // namespace muster::collector
