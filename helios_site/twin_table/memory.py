"""Twins of the forms of the journal and of the memory."""

from helios_site.twin_table.values import value
from helios_site.twins import Twin


def _archive(title: str, option: str, method: str, end: str) -> Twin:
    name = value("file", option, None, required=True)
    return Twin(title, "memory_archives", method, f"memory/archives/{{file}}{end}", (name,))


_DAYS = {
    f"{part}_days": value(f"{part}_days", f"--age {part}=", f"ages.{part}", kind="number")
    for part in ("epochs", "journal")
}

MEMORY: dict[str, Twin] = {
    "memory:add_note": Twin(
        "Add a note",
        "journal",
        "POST",
        "journal/notes",
        (
            value("text", "--note", required=True),
            value("model_name", "--model"),
            value("session_id", "--session", kind="number"),
            value("entry", "--entry", "entryId", kind="number"),
        ),
    ),
    "memory:compact": Twin(
        "Compact", "compact_memory", "POST", "memory/compact", (value("older_than"),)
    ),
    "memory:restore": _archive("Restore an archive", "--restore", "POST", "/restore"),
    "memory:forget": _archive("Delete an archive for good", "--delete", "DELETE", ""),
    "memory:remove_orphans": Twin(
        "Remove files that nothing knows",
        "storage --remove-orphans",
        "POST",
        "memory/orphans/remove",
    ),
    "memory:check_journal": Twin("Verify the journal", "verify_journal", "", ""),
    "memory:check_database": Twin("Check the database", "check_database", "", ""),
    "backup_now": Twin(
        "Back up",
        "backup",
        "POST",
        "memory/backups",
        (value("file", "", None, required=True),),
    ),
    "memory:pin": Twin(
        "Pin an entry: keep it in the database",
        "journal",
        "PUT",
        "journal/pins/{entry}",
        (value("entry", "--pin", None, required=True),),
    ),
    "memory:policy": Twin(
        "Change the policy",
        "memory_policy",
        "PUT",
        "memory/policy",
        (
            *_DAYS.values(),
            value("stretch", kind="number"),
            value("quota_mb", kind="number"),
            value("automatic", kind="truth"),
        ),
    ),
    "memory:cancel": Twin(
        "Stop a run after the batch it is at",
        "compact_memory",
        "POST",
        "memory/compactions/{run}/cancel",
        (value("run", "--cancel", None, required=True),),
    ),
    "memory:verify": Twin(
        "Verify an archive; the command reads all",
        "memory_archives --verify",
        "POST",
        "memory/archives/{file}/verify",
        (value("file", None, None, required=True),),
    ),
    "delete_backup": Twin(
        "Delete a backup",
        "backup",
        "DELETE",
        "memory/backups/{name}",
        (value("name", "--delete", None, required=True),),
    ),
}
