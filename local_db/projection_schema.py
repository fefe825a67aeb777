"""The tables of the present. Everything in them follows from (own log, inbox), so they may be dropped and replayed any time.

Promise: rows hold plain columns where they are searched and the writers' own JSON where they are only handed on; constraints
repeat what must never happen (a number used twice, a grant overspent) as the last line of defence behind the use cases.
"""

from __future__ import annotations

import hashlib

from claims.case_progress import FOLD

PROJECTION_SQL: tuple[str, ...] = (
    """CREATE TABLE present (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        time_floor TEXT,
        hq_watermark_seq INTEGER NOT NULL,
        revoked_reason TEXT,
        box_key TEXT
    ) STRICT""",
    "INSERT INTO present (id, hq_watermark_seq) VALUES (1, 0)",
    """CREATE TABLE case_file (
        case_no TEXT PRIMARY KEY,
        opened_seq INTEGER NOT NULL UNIQUE,
        last_seq INTEGER NOT NULL,
        state TEXT NOT NULL,
        opened_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        opening TEXT NOT NULL,
        search_text TEXT NOT NULL,
        outcome TEXT,
        payable_fen INTEGER,
        insured_key TEXT NOT NULL,
        finished INTEGER NOT NULL DEFAULT 0,
        unpromised INTEGER NOT NULL DEFAULT 1,
        sent_back INTEGER NOT NULL DEFAULT 0,
        revision INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    # Everything that filters and counts ask of a case, so that they never read the openings.
    "CREATE INDEX case_list ON case_file (opened_seq, search_text, last_seq, outcome, finished, sent_back)",
    "CREATE INDEX case_newest ON case_file (last_seq)",
    "CREATE INDEX case_opened ON case_file (opened_at)",
    "CREATE INDEX case_insured ON case_file (insured_key)",
    "CREATE INDEX case_active ON case_file (opened_seq, revision) WHERE finished = 0 OR unpromised = 1",
    """CREATE TABLE case_progress (
        opened_seq INTEGER PRIMARY KEY,
        case_no TEXT NOT NULL UNIQUE REFERENCES case_file,
        body TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE document (
        case_no TEXT NOT NULL REFERENCES case_file,
        document_id TEXT NOT NULL,
        seq INTEGER NOT NULL UNIQUE,
        body TEXT NOT NULL,
        PRIMARY KEY (case_no, document_id)
    ) STRICT""",
    """CREATE TABLE policy_facts (
        case_no TEXT NOT NULL REFERENCES case_file,
        policy_no TEXT NOT NULL,
        seq INTEGER NOT NULL UNIQUE,
        pack_hash TEXT NOT NULL,
        facts BLOB NOT NULL,
        PRIMARY KEY (case_no, policy_no)
    ) STRICT""",
    """CREATE TABLE determination (
        case_no TEXT NOT NULL REFERENCES case_file,
        policy_no TEXT NOT NULL,
        first_seq INTEGER NOT NULL,
        seq INTEGER NOT NULL UNIQUE,
        outcome TEXT NOT NULL,
        payable_fen INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (case_no, policy_no)
    ) STRICT""",
    # Decisions that a voucher rests on and that were made anew since; the others are in determination.
    """CREATE TABLE determination_before (
        seq INTEGER PRIMARY KEY,
        case_no TEXT NOT NULL REFERENCES case_file,
        policy_no TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX determination_before_policy ON determination_before (case_no, policy_no)",
    """CREATE TABLE signature (
        seq INTEGER PRIMARY KEY,
        case_no TEXT REFERENCES case_file,
        subject TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX signature_case ON signature (case_no)",
    "CREATE INDEX signature_subject ON signature (subject)",
    """CREATE TABLE paper (
        number TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        paper TEXT NOT NULL,
        case_no TEXT REFERENCES case_file,
        seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        state TEXT NOT NULL,
        issued_at TEXT NOT NULL,
        amount_fen INTEGER,
        body TEXT NOT NULL,
        pdf_sha256 TEXT,
        copies INTEGER NOT NULL DEFAULT 0,
        void_reason TEXT,
        blank INTEGER NOT NULL DEFAULT 0,
        filled_on TEXT,
        CHECK (case_no IS NOT NULL OR blank = 1 OR kind = 'document')
    ) STRICT""",
    "CREATE INDEX paper_case ON paper (case_no)",
    "CREATE INDEX paper_issued ON paper (issued_at, state, amount_fen)",
    "CREATE INDEX paper_undrawn ON paper (seq) WHERE state = 'asked'",
    "CREATE INDEX paper_open ON paper (seq) WHERE state IN ('asked', 'rendered', 'printed')",
    """CREATE TABLE paper_moment (
        seq INTEGER NOT NULL,
        number TEXT NOT NULL REFERENCES paper,
        what TEXT NOT NULL,
        at TEXT NOT NULL,
        copy_no INTEGER NOT NULL,
        detail TEXT NOT NULL,
        PRIMARY KEY (number, seq)
    ) STRICT""",
    "CREATE INDEX paper_moment_seq ON paper_moment (seq)",
    "CREATE INDEX paper_moment_at ON paper_moment (at)",
    """CREATE TABLE number_use (
        number TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        prefix TEXT,
        serial INTEGER,
        seq INTEGER NOT NULL,
        at TEXT NOT NULL,
        spoiled_reason TEXT
    ) STRICT""",
    "CREATE INDEX number_use_block ON number_use (kind, prefix, serial)",
    "CREATE INDEX number_use_at ON number_use (kind, at)",
    """CREATE TABLE number_block (
        position INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        prefix TEXT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL CHECK (last >= first),
        UNIQUE (kind, prefix, first)
    ) STRICT""",
    """CREATE TABLE allowance (
        grant_id TEXT PRIMARY KEY,
        position INTEGER UNIQUE,
        seq INTEGER UNIQUE,
        pool TEXT NOT NULL,
        limit_fen INTEGER NOT NULL CHECK (limit_fen >= 0),
        spent_fen INTEGER NOT NULL DEFAULT 0 CHECK (spent_fen >= 0),
        expires_at TEXT NOT NULL,
        counter INTEGER NOT NULL DEFAULT 0,
        closed INTEGER NOT NULL DEFAULT 0,
        transferred_fen INTEGER NOT NULL DEFAULT 0 CHECK (transferred_fen >= 0),
        hands INTEGER NOT NULL DEFAULT 0,
        catastrophe_id TEXT,
        CHECK (spent_fen + transferred_fen <= limit_fen),
        CHECK ((position IS NULL) <> (seq IS NULL))
    ) STRICT""",
    "CREATE INDEX allowance_pool ON allowance (pool)",
    # The signed records that left this laptop, and those that came; a received one is an allowance of the same id.
    """CREATE TABLE allowance_transfer (
        transfer_id TEXT PRIMARY KEY,
        seq INTEGER NOT NULL UNIQUE,
        outward INTEGER NOT NULL,
        body TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE promised_key (
        settlement_key TEXT PRIMARY KEY,
        voucher_no TEXT NOT NULL REFERENCES paper,
        seq INTEGER NOT NULL
    ) STRICT""",
    """CREATE TABLE promised_draw (
        settlement_key TEXT NOT NULL REFERENCES promised_key,
        pool TEXT NOT NULL,
        amount_fen INTEGER NOT NULL,
        PRIMARY KEY (settlement_key, pool)
    ) STRICT""",
    "CREATE INDEX promised_draw_pool ON promised_draw (pool)",
    """CREATE TABLE authority (
        authority_id TEXT PRIMARY KEY,
        position INTEGER NOT NULL UNIQUE,
        body TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE hq_answer (
        position INTEGER PRIMARY KEY,
        case_no TEXT NOT NULL,
        voucher_no TEXT,
        body TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX hq_answer_case ON hq_answer (case_no)",
    "CREATE INDEX hq_answer_voucher ON hq_answer (voucher_no)",
    """CREATE TABLE claim_decision (
        position INTEGER PRIMARY KEY,
        case_no TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX claim_decision_case ON claim_decision (case_no)",
    """CREATE TABLE redemption (
        seq INTEGER PRIMARY KEY,
        voucher_no TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX redemption_voucher ON redemption (voucher_no)",
    """CREATE TABLE stopped_device (
        device TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        position INTEGER NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (device, epoch)
    ) STRICT""",
    """CREATE TABLE recovered_voucher (
        seq INTEGER PRIMARY KEY,
        body TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE day_count (
        seq INTEGER PRIMARY KEY,
        day TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX day_count_day ON day_count (day)",
    """CREATE TABLE attachment (
        sha256 TEXT PRIMARY KEY,
        size_bytes INTEGER,
        priority INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        held INTEGER NOT NULL
    ) STRICT""",
    # What waits for headquarters is asked for all the time and is little beside what it holds.
    "CREATE INDEX attachment_waiting ON attachment (priority, seq, sha256, size_bytes) WHERE held = 0",
    """CREATE TABLE attachment_held (
        sha256 TEXT PRIMARY KEY,
        position INTEGER NOT NULL
    ) STRICT""",
    # Headquarters' word that originals may go from this disk; ``lost``: it asked for them again since.
    """CREATE TABLE attachment_safe (
        sha256 TEXT PRIMARY KEY,
        position INTEGER NOT NULL,
        lost INTEGER NOT NULL DEFAULT 0
    ) STRICT""",
    """CREATE TABLE hq_receipt (
        watermark_seq INTEGER PRIMARY KEY,
        issued_at TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE payment_note (
        position INTEGER PRIMARY KEY,
        case_no TEXT NOT NULL,
        voucher_no TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX payment_note_case ON payment_note (case_no)",
    """CREATE TABLE prepayment (
        prepayment_no TEXT PRIMARY KEY,
        position INTEGER NOT NULL,
        case_no TEXT NOT NULL,
        policy_no TEXT NOT NULL,
        amount_fen INTEGER NOT NULL,
        pools TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT""",
    "CREATE INDEX prepayment_policy ON prepayment (policy_no)",
    """CREATE TABLE case_link (
        case_no TEXT NOT NULL,
        other_case_no TEXT NOT NULL,
        position INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (case_no, other_case_no)
    ) STRICT""",
    """CREATE TABLE case_review (
        review_id TEXT PRIMARY KEY,
        position INTEGER NOT NULL,
        case_no TEXT NOT NULL,
        field TEXT NOT NULL,
        contents TEXT NOT NULL,
        opened_at TEXT NOT NULL,
        value TEXT,
        decided_at TEXT
    ) STRICT""",
    "CREATE INDEX case_review_case ON case_review (case_no)",
    # Changes made here (seq) and headquarters' own (position), in the order in which this laptop learned of them.
    """CREATE TABLE case_change (
        change_no INTEGER PRIMARY KEY,
        seq INTEGER NOT NULL,
        position INTEGER NOT NULL,
        case_no TEXT NOT NULL,
        field TEXT NOT NULL,
        base TEXT NOT NULL,
        value TEXT NOT NULL,
        reason TEXT NOT NULL,
        at TEXT NOT NULL,
        UNIQUE (seq, position)
    ) STRICT""",
    "CREATE INDEX case_change_case ON case_change (case_no)",
    """CREATE TABLE case_withdrawal (
        case_no TEXT PRIMARY KEY,
        position INTEGER NOT NULL,
        body TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE task (
        task_id TEXT PRIMARY KEY,
        position INTEGER NOT NULL,
        issued_at TEXT NOT NULL,
        kind TEXT NOT NULL,
        case_no TEXT,
        text_zh TEXT NOT NULL,
        text_en TEXT NOT NULL,
        owner TEXT NOT NULL DEFAULT ''
    ) STRICT""",
)

PROJECTION_TABLES: tuple[tuple[str, str], ...] = (
    ("task", "task_id"),
    ("case_withdrawal", "case_no"),
    ("case_change", "change_no"),
    ("case_review", "review_id"),
    ("case_link", "case_no, other_case_no"),
    ("prepayment", "prepayment_no"),
    ("payment_note", "position"),
    ("hq_receipt", "watermark_seq"),
    ("attachment_safe", "sha256"),
    ("attachment_held", "sha256"),
    ("attachment", "sha256"),
    ("day_count", "seq"),
    ("recovered_voucher", "seq"),
    ("stopped_device", "device, epoch"),
    ("redemption", "seq"),
    ("claim_decision", "position"),
    ("hq_answer", "position"),
    ("authority", "authority_id"),
    ("promised_draw", "settlement_key, pool"),
    ("promised_key", "settlement_key"),
    ("allowance_transfer", "transfer_id"),
    ("allowance", "grant_id"),
    ("number_block", "position"),
    ("number_use", "number"),
    ("paper_moment", "number, seq"),
    ("paper", "number"),
    ("signature", "seq"),
    ("determination_before", "seq"),
    ("determination", "case_no, policy_no"),
    ("policy_facts", "case_no, policy_no"),
    ("document", "case_no, document_id"),
    ("case_progress", "opened_seq"),
    ("case_file", "case_no"),
    ("present", "id"),
)
"""Each table with the order of its dump; tables that refer to others come first, so that this is also the order of dropping."""

PROJECTION_FINGERPRINT = hashlib.sha256("\n".join((*PROJECTION_SQL, f"fold {FOLD}")).encode()).hexdigest()
"""Changes with the tables and with what is folded into them: a store that holds another one is replayed when it is opened."""
