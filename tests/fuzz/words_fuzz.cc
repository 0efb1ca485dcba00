// SPDX-License-Identifier: LGPL-2.1-or-later
// Any words, one a line, behind the name of a command: parsed, and every size, count, name and list in them read.
#include <cstdlib>
#include <string>
#include <vector>

#include "base/size_text.h"
#include "cli/table.h"
#include "cli/words.h"

using namespace ashlar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto commands = cli::commands();
  const cli::Command& command = *commands[data[0] % commands.size()];
  std::vector<std::string> words;
  std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (std::size_t from = 0; from <= text.size();) {
    std::size_t to = std::min(text.find('\n', from), text.size());
    std::string word = text.substr(from, to - from);
    words.push_back(word.substr(0, word.find('\0')));
    from = to + 1;
  }
  for (const std::string& word : words) {
    if (auto bytes = parse_size(word); bytes.ok()) (void)bytes->n;
    (void)cli::parse_lv_name(word).ok();
    (void)cli::parse_vg_name(word).ok();
  }
  (void)cli::group_lvs(words).ok();
  auto args = cli::parse(command.name, command.options, words);
  if (!args.ok()) {
    if (args.error().message().empty()) std::abort();
    return 0;
  }
  (void)cli::parse_size_options(*args).ok();
  (void)cli::parse_alloc(*args).ok();
  (void)cli::parse_read_ahead(*args).ok();
  (void)cli::parse_writable(*args).ok();
  for (const char* option :
       {"physicalextentsize", "metadatasize", "dataalignment", "stripesize", "setphysicalvolumesize"})
    (void)cli::parse_bytes(*args, option, 'm').ok();
  for (const char* option : {"stripes", "maxlogicalvolumes", "pvmetadatacopies"})
    (void)cli::parse_count(*args, option, UINT32_MAX).ok();
  for (const char* option : {"addtag", "deltag"}) (void)cli::parse_tags(*args, option).ok();
  return 0;
}
