#include "collector/http/negotiation.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace muster::collector::http {
namespace {

TEST(Negotiation, CompressesForThoseWhoAskForGzip) {
  for (const char* header : {"gzip", "GZIP", "x-gzip", "deflate, gzip", "gzip;q=0.001", "gzip; q=1",
                             "*", "identity;q=0, *;q=0.5", "gzip;q=1.0,deflate;q=0.5"}) {
    EXPECT_TRUE(accepts_gzip(header)) << header;
  }
  for (const char* header :
       {"", "identity", "deflate, br", "gzip;q=0", "gzip;q=0.000", "gzip;q=0,*", "*;q=0",
        "gzip;q=-1", "gzip;q=x", "gzip;q=nan", "gzip;q=2", "gzipped", ",,,", ";q=1", "gzip;q="}) {
    EXPECT_FALSE(accepts_gzip(header)) << header;
  }
}

TEST(Negotiation, AnswersOpenmetricsOnlyToThoseWhoPreferIt) {
  for (const char* header :
       {// Prometheus 2.42 and 3.
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
        "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
        "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,"
        "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        "application/openmetrics-text", "Application/OpenMetrics-Text; Version=\"1.0.0\"",
        "text/plain;q=0.5, application/openmetrics-text;q=0.5"}) {
    EXPECT_TRUE(prefers_openmetrics(header)) << header;
  }
  for (const char* header :
       {"", "*/*", "text/plain", "text/html,application/xhtml+xml,*/*;q=0.8", "application/*",
        "application/openmetrics-text;q=0", "application/openmetrics-text;q=0.4,text/plain;q=0.5",
        "application/openmetrics-text;q=0.4,*/*", "application/openmetrics-text;version=2.0.0",
        "application/openmetrics-text;q=0.4,text/*;q=0.5", "application/openmetrics-text;q=1x"}) {
    EXPECT_FALSE(prefers_openmetrics(header)) << header;
  }
}

TEST(Negotiation, ReadsOnlyTheFirstOfAnEndlessList) {
  std::string header;
  for (int i = 0; i < 10000; ++i)
    header += "deflate,";
  EXPECT_FALSE(accepts_gzip(header + "gzip"));
}

}  // namespace
}  // namespace muster::collector::http
