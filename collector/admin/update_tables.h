// What the verbs print of updates that wait: tables for a terminal of 80 columns, out of the API's
// messages. Text from hosts is made printable. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/terminal_text.h"
#include "muster/v1/updates.pb.h"

namespace muster::collector {

// Each update with its versions below it, after what is not known.
std::string host_updates_text(const v1::HostUpdates& updates, TimePoint now,
                              const TerminalStyle& style);
// Each source package, and below them the hosts of which it is not known what waits.
std::string update_list_text(const v1::UpdateList& list, TimePoint now, const TerminalStyle& style);
// The same of some of them.
std::string chosen_update_list_text(const v1::UpdateList& list, TimePoint now,
                                    const TerminalStyle& style);

// Has the list speak of the hosts of this package manager alone; the hosts of which it is not known
// what waits stay, since which managers they have need not be known either.
void keep_manager(std::string_view manager, v1::UpdateList& list);

}  // namespace muster::collector
