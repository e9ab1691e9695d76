#!/bin/sh
# Registers Lectern's search attributes; those already there are left as they are.
set -eu
existing=$(temporal operator search-attribute list)
for name in LecternTenant LecternCourse LecternSemester LecternLecture LecternStage LecternPriority; do
  if echo "$existing" | grep -q "$name"; then
    echo "$name is registered"
  else
    temporal operator search-attribute create --name "$name" --type Keyword
  fi
done
