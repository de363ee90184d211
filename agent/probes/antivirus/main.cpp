// muster-probe-antivirus: what protects the host against malware. See README.md.
#include "agent/probes/antivirus/product_list.h"
#include "agent/probes/probe_program.h"
#include "agent/probes/protection/product_look.h"

namespace {

constexpr muster::probe::Description kDescription = {
    .name = "antivirus",
    .summary = "Reports which antivirus products are installed, and whether they protect.",
    .settings = {},
};

}  // namespace

int main(int argc, char** argv) {
  return muster::probe::run(argc, argv, kDescription, [](const muster::v1::ProbeRequest& request) {
    const muster::probe::HostAnswers answers =
        muster::probe::take_host_answers(request.root(), 'a');
    return muster::protection::look_at_products<muster::v1::AntivirusFacts>(
        request.root(), muster::antivirus::all_products(), answers, muster::SystemClock().now());
  });
}
