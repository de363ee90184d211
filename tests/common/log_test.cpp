#include "common/log.h"

#include <gtest/gtest.h>

#include <string>

namespace muster {
namespace {

TEST(LogLine, QuotesOnlyWhatItMust) {
  EXPECT_EQ(
      format_log_line(LogLevel::kInfo, "started",
                      {{"address", "[::1]:8433"}, {"empty", ""}, {"count", 3}, {"rate", 0.5}}),
      "level=info msg=started address=\"[::1]:8433\" empty=\"\" count=3 rate=0.5");
  EXPECT_EQ(format_log_line(LogLevel::kWarning, "sync failed, retrying in 30s", {{"ok", false}}),
            "level=warning msg=\"sync failed, retrying in 30s\" ok=false");
}

TEST(LogLine, LetsNoValueForgeALineOrAField) {
  EXPECT_EQ(format_log_line(LogLevel::kError, "x", {{"path", "a\nlevel=info msg=\"fine\""}}),
            "level=error msg=x path=\"a\\x0alevel=info msg=\\\"fine\\\"\"");
  EXPECT_EQ(format_log_line(LogLevel::kDebug, "x", {{"path", "\x1b[2J\xff"}}),
            "level=debug msg=x path=\"\\x1b[2J\xEF\xBF\xBD\"");
  EXPECT_EQ(format_log_line(LogLevel::kError, "x", {{"path", "a\\"}, {"b", "c\\\" d"}}),
            "level=error msg=x path=\"a\\\\\" b=\"c\\\\\\\" d\"");
  EXPECT_LT(format_log_line(LogLevel::kDebug, "x", {{"v", std::string(100'000, ' ')}}).size(),
            5000U);
}

}  // namespace
}  // namespace muster
