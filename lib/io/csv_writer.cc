#include "io/csv_writer.h"

#include "io/compressor.h"

namespace rec {
namespace {

// plain: no byte asks for quotes.
void append_field(std::string_view field, bool plain, std::string& to) {
  if (plain) {
    to += field;
    return;
  }
  to += '"';
  for (const char byte : field) {
    if (byte == '"') to += '"';
    to += byte;
  }
  to += '"';
}

}  // namespace

void CsvWriter::convert(std::string_view rows, std::string& to) {
  size_t begin = 0;
  for (size_t at = 0; at < rows.size(); ++at) {
    const char byte = rows[at];
    if (byte == ',' || byte == '"' || byte == '\r') plain_ = false;
    if (byte != '\t' && byte != '\n') continue;
    waiting_ += rows.substr(begin, at - begin);
    append_field(waiting_, plain_, to);
    to += byte == '\t' ? ',' : '\n';
    waiting_.clear();
    plain_ = true;
    begin = at + 1;
  }
  waiting_ += rows.substr(begin);
}

void CsvWriter::finish(std::string& to) {
  append_field(waiting_, plain_, to);
  waiting_.clear();
  plain_ = true;
}

std::unique_ptr<CsvWriter> make_csv_writer(std::string_view path) {
  if (!uncompressed_name(path).ends_with(".csv")) return nullptr;
  return std::make_unique<CsvWriter>();
}

}  // namespace rec
