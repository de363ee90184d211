// Several coroutines at once, on the thread of who waits for all of them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <vector>

namespace muster::zone {

// Ends when each of them has; what one of them throws ends the thread's run.
boost::asio::awaitable<void> side_by_side(std::vector<boost::asio::awaitable<void>> all);

}  // namespace muster::zone
