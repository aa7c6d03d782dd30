"""Who comes in, and what the house does by itself."""

from memory.events.event import Event

_FILE = {"file_name": "name of the file as it was sent"}
_FREED = {"freed_bytes": "bytes freed on disk"}
_SPAN = {"first": "number of the first entry", "last": "number of the last entry"}

ACCESS = (
    Event(
        "signed_in",
        "Signed in",
        "{actor} signed in[ by {method}].",
        may={"method": "link or password"},
    ),
    Event(
        "sign_in_failed",
        "Sign-in failed",
        "A sign-in[ as {username}] failed[: {cause}].",
        level="warning",
        may={
            "username": "name that was tried",
            "cause": "why",
            "address": "address of the client",
        },
    ),
    Event("password_changed", "Password changed", "{actor} changed the password."),
    Event("sign_in_link_created", "Sign-in link made", "A single-use sign-in link was made."),
    Event(
        "role_given",
        "Role given",
        "{username} may now do what the role {role} covers (before: {before}).",
        level="warning",
        needs={
            "username": "the account",
            "role": "viewer, editor or admin",
            "before": "the role until then",
        },
    ),
    Event(
        "api_token_created",
        "Token made",
        "The API token {name} was made[, to {scope}].",
        needs={"name": "name of the token"},
        may={"expires": "when it ends, ISO 8601", "scope": "read or write"},
    ),
    Event(
        "api_token_revoked",
        "Token revoked",
        "The API token {name} was revoked.",
        level="warning",
        needs={"name": "name of the token"},
    ),
)

HOUSE = (
    Event(
        "note_added",
        "Note",
        "{actor} noted: {text}",
        icon="journal",
        needs={"text": "the note"},
        may={"entry": "number of the entry it is about"},
    ),
    Event(
        "memory_compacted",
        "Memory compacted",
        "Compacted: {entries:entries}[; {freed_bytes:bytes} freed].",
        needs={"entries": "entries moved to an archive"},
        may={**_FREED, "segments": "archive files written", "epochs": "epoch rows compacted"},
    ),
    Event(
        "policy_changed",
        "Policy changed",
        "{actor} changed how the memory is kept.",
        needs={"ages": "days after which each part is compacted, null for never"},
        may={
            "automatic": "whether it is done once a day",
            "stretch": "epochs of a curve of which a few stand for all",
            "quota_mb": "most that may be used, null for that of the environment",
        },
    ),
    Event(
        "segment_archived",
        "Segment archived",
        "Entries {first:count} to {last:count} moved to the archive[ ({size_bytes:bytes})].",
        needs={**_SPAN, "file_name": "name of the segment file", "sha256": "its SHA-256, hex"},
        may={
            "size_bytes": "size of the segment file",
            "head_before": "hex",
            "head_after": "hex",
            "kept": "entries that stay in the hot table as well",
        },
    ),
    Event(
        "segment_restored",
        "Segment restored",
        "Entries {first:count} to {last:count} were restored from the archive.",
        needs=_SPAN,
        may={"entries": "entries put back"},
    ),
    Event(
        "segment_forgotten",
        "Segment deleted",
        "The texts of entries {first:count} to {last:count} were deleted for good[; "
        "{freed_bytes:bytes} freed]. Their hashes are kept.",
        level="warning",
        needs={**_SPAN, "file_name": "name of the segment file", "sha256": "its SHA-256, hex"},
        may=_FREED,
    ),
    Event(
        "orphans_removed",
        "Orphans removed",
        "Deleted: {files:files} that no archive knew[; {freed_bytes:bytes} freed].",
        needs={"files": "number of files"},
        may={**_FREED, "names": "their names"},
    ),
    Event(
        "database_checked",
        "Database checked",
        "The database was checked[: {problem}].",
        needs={"problem": "what is wrong, empty for nothing"},
    ),
    Event(
        "backup_made",
        "Backup made",
        "A backup was made[ as {file_name}][ ({size_bytes:bytes})].",
        may={**_FILE, "size_bytes": "its size", "sha256": "its SHA-256, hex"},
    ),
    Event(
        "backup_deleted",
        "Backup deleted",
        "The backup {file_name} was deleted[; {freed_bytes:bytes} freed].",
        level="warning",
        needs={"file_name": "name of the backup file"},
        may=_FREED,
    ),
    Event(
        "backup_restored",
        "Backup restored",
        "The backup[ {file_name}][ of {made_at}] was restored.",
        level="warning",
        may={**_FILE, "made_at": "when it was made, ISO 8601", "seq": "newest entry in it"},
    ),
    Event(
        "maintenance_begun",
        "Maintenance",
        "{actor} closed the doors for maintenance[ until {until}][: {message}].",
        level="warning",
        may={"until": "when it is expected to be over, ISO 8601", "message": "what was said"},
    ),
    Event(
        "maintenance_ended",
        "Maintenance over",
        "{actor} ended the maintenance[ after {seconds:duration}].",
        may={"seconds": "time it took"},
    ),
    Event(
        "journal_checkpoint",
        "Checkpoint",
        "The head of the journal at entry {seq:count} was written down.",
        needs={"seq": "number of the last entry covered", "head": "its head, hex"},
    ),
    Event(
        "system_started",
        "Helios started",
        "Helios[ {version}] started.",
        may={"version": "version of Helios", "port": "port it listens on"},
    ),
    Event(
        "system_stopped",
        "Helios stopped",
        "Helios stopped[: {cause}].",
        may={"cause": "why", "seconds": "time it ran"},
    ),
)
