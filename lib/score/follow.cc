#include "score/follow.h"

#include <sys/stat.h>

#include <memory>
#include <optional>
#include <vector>

#include "base/error.h"
#include "io/line_cursor.h"
#include "score/group_stream.h"

namespace rec {
namespace {

constexpr const char* kColumn = "score";

// What tells one file from another that took its place. Nothing for what is no regular file.
struct FileState {
  dev_t device = 0;
  ino_t inode = 0;
  off_t size = 0;
  int64_t seconds = 0;
  int64_t nanoseconds = 0;
  friend bool operator==(const FileState&, const FileState&) = default;
};

std::optional<FileState> state_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return FileState{status.st_dev, status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

// A model in use, with all that belongs to it.
class Served {
 public:
  explicit Served(const FollowOptions& options) : session_(options.session) {
    session_.require_whole_context();
    for (const std::string& text : session_.warnings({})) options.warn(text);
    CatalogueOptions catalogue = options.catalogue;
    catalogue.predictor = options.predictor.empty() ? session_.model().predictor() : score_form_of(options.predictor);
    catalogue.users = 1;
    catalogue.threads = options.session.threads;
    catalogue_ = std::make_unique<Catalogue>(session_.model(), session_.users(), session_.exclusions(), catalogue);
    scratch_.resize(static_cast<size_t>(options.session.threads));
  }

  const Session& session() const { return session_; }
  const Catalogue& catalogue() const { return *catalogue_; }
  void best(const std::vector<std::string_view>& users, std::vector<Catalogue::Result>& results,
            std::span<const std::vector<uint32_t>> did) {
    catalogue_->best(users, results, scratch_, did);
  }

 private:
  Session session_;
  std::unique_ptr<Catalogue> catalogue_;
  std::vector<Catalogue::Scratch> scratch_;
};

class Follower {
 public:
  Follower(const FollowOptions& options, Output& out)
      : options_(options),
        state_(state_of(options.session.model)),
        has_place_(state_.has_value()),
        served_(std::make_unique<Served>(options)),
        out_(out) {}

  FollowResult run() {
    ReadOptions read = options_.read;
    read.ragged = options_.line_items;
    TableReader requests(options_.input, users_spec(), read);
    const Layout& layout = requests.layout();
    if (!options_.line_items && !layout.header && layout.n_fields > 1 && read.columns.empty())
      fail("{}:1: expected a user alone, found {} fields; --line-items reads items behind the user", requests.name(),
           layout.n_fields);
    write_header({.header = options_.with_header(layout.header), .progress = {}}, "user\titem\tscore", nullptr, out_);
    while (requests.next()) {
      renew();
      LineCursor lines(requests.text(), layout.width);
      Line line;
      while (lines.next(line)) {
        try {
          requests.check_field_count(line);
          add(line, layout.position[0]);
        } catch (const BadField& bad) {
          if (!requests.skips_bad_lines()) {
            answer();
            requests.fail_at(line.text.data(), bad);
          }
          requests.add_bad_lines(1);
          users_.emplace_back();
          did_.emplace_back();
        }
        if (users_.size() == Catalogue::kUsersPerBlock) answer();
      }
      answer();
    }
    const UserVectors& users = served_->session().users();
    result_.notes = served_->session().notes();
    for (const std::string& note : notes_of(result_.counts, fallback_note(users), users)) result_.notes.push_back(note);
    result_.bad_lines = requests.bad_lines();
    return std::move(result_);
  }

 private:
  // Reads the model anew if the path has another file.
  void renew() {
    const std::optional<FileState> now = state_of(options_.session.model);
    if (!has_place_ || now == state_) return;
    state_ = now;
    if (!now) return options_.warn(input_name(options_.session.model) + ": it is gone; the model before stays in use");
    try {
      auto next = std::make_unique<Served>(options_);
      served_ = std::move(next);
      ++result_.models;
    } catch (const Error& error) {
      options_.warn(std::string(error.what()) + "; the model before stays in use");
    }
  }

  // A request. Throws BadField, and has added nothing then.
  void add(const Line& line, int position) {
    const std::string_view user = id_field(line, position, "user");
    std::vector<uint32_t> did;
    uint64_t unknown = 0;
    if (options_.line_items) {
      std::string_view rest = line.text;
      for (int field = 0; field < static_cast<int>(line.n_fields); ++field) {
        const size_t end = std::min(rest.find('\t'), rest.size());
        if (field != position) {
          if (end == 0) bad_field(field + 1, "empty item id");
          const uint32_t item = served_->session().model().items().find(rest.substr(0, end));
          if (item == kNoId) {
            ++unknown;
          } else {
            did.push_back(item);
          }
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
    result_.counts.unknown_items += unknown;
    users_.push_back(user);
    did_.push_back(std::move(did));
  }

  // Answers the requests that were added.
  void answer() {
    std::vector<std::string_view> asked;
    std::vector<std::vector<uint32_t>> did;
    for (size_t at = 0; at < users_.size(); ++at) {
      if (users_[at].empty()) continue;
      asked.push_back(users_[at]);
      did.push_back(std::move(did_[at]));
    }
    if (!asked.empty()) served_->best(asked, results_, did);
    std::vector<Piece> pieces(1);
    size_t at_asked = 0;
    for (const std::string_view user : users_) {
      if (!user.empty()) {
        append_best(user, results_[at_asked++], served_->session().model(), served_->catalogue(),
                    options_.catalogue.top, kColumn, pieces.front());
      }
      pieces.front().text += '\n';
    }
    write_pieces(pieces, result_.counts, out_);
    users_.clear();
    did_.clear();
  }

  const FollowOptions& options_;
  std::optional<FileState> state_;  // of the model's path when it was read, or tried, last; nothing: no file
  const bool has_place_;            // whether it was a file at first, and no pipe
  std::unique_ptr<Served> served_;
  Output& out_;
  FollowResult result_;
  std::vector<std::string_view> users_;  // of requests to be answered; empty: a line that was skipped
  std::vector<std::vector<uint32_t>> did_;
  std::vector<Catalogue::Result> results_;
};

}  // namespace

FollowResult follow(const FollowOptions& options, Output& out) { return Follower(options, out).run(); }

}  // namespace rec
