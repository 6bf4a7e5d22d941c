#!/bin/bash
# Usage: tree_control.sh SCRIPT
# Negative control: tree.sh passes a good tree and finds one breach of each kind,
# in a repository of git and outside of one.
set -euo pipefail
script=$(realpath "$1")
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
export GIT_CEILING_DIRECTORIES=$(dirname "$tree")
echo good >"$tree/good.txt"
control() {
  bash "$script" "$tree" || { echo "$1: tree.sh fails on a good tree"; exit 1; }
  printf 'cd /ro''ot/x\n' >"$tree/path.txt"
  printf 'see https://mirror''.example.org/x\n' >"$tree/host.txt"
  printf '<<<''<<<< ours\n' >"$tree/conflict.txt"
  printf 'x \n' >"$tree/spaces.txt"
  printf 'std::unordered_map<std::string, std::vector<int>> names;\n' >"$tree/hash.txt"
  if found=$(bash "$script" "$tree"); then
    echo "$1: tree.sh passes a bad tree"
    exit 1
  fi
  for file in path host conflict spaces hash; do
    [[ $found == *"$file.txt:1:"* ]] || { echo "$1: no word on $file.txt"; exit 1; }
  done
  rm "$tree"/{path,host,conflict,spaces,hash}.txt
}
control "outside of git"
if command -v git >/dev/null; then
  git -C "$tree" init -q
  control "in a repository"
fi
