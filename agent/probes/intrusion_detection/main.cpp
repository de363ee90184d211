// muster-probe-intrusion-detection: what watches the host for changes and attacks. See README.md.
#include "agent/probes/intrusion_detection/product_list.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/protection/product_look.h"

namespace {

constexpr muster::probe::Description kDescription = {
    .name = "intrusion-detection",
    .summary = "Reports which intrusion detection is installed, and whether it watches.",
    .settings = {},
};

}  // namespace

int main(int argc, char** argv) {
  return muster::probe::run(argc, argv, kDescription, [](const muster::v1::ProbeRequest& request) {
    const muster::probe::HostAnswers answers =
        muster::probe::take_host_answers(request.root(), 'i');
    return muster::protection::look_at_products<muster::v1::IntrusionDetectionFacts>(
        request.root(), muster::intrusion_detection::all_products(), answers,
        muster::SystemClock().now());
  });
}
