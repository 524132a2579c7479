import pathlib
import sys
import tempfile

note = pathlib.Path(tempfile.mkdtemp()) / "note.txt"
note.write_text(sys.stdin.read())
total = 0
for word in note.read_text().split():
    total += int(word)
pathlib.Path("note.txt").write_text(str(total))
print(pathlib.Path("note.txt").read_text())
