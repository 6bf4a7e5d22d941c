#include "data/id_list.h"
#include "io/table.h"

namespace rec {

IdList read_id_list(const std::string& path, const std::string& id, const ReadOptions& read) {
  IdList list;
  TableReader reader(path, {id + "s", {{id}}}, read);
  while (reader.next()) {
    reader.parse(1, 1, [&](size_t, const Line& line) {
      list.ids.intern(id_field(line, reader.layout().position[0], id.c_str()));
    });
  }
  list.name = reader.name();
  list.bad_lines = reader.bad_lines();
  return list;
}

}  // namespace rec
