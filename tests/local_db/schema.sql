CREATE INDEX allowance_pool ON allowance (pool);

CREATE INDEX attachment_waiting ON attachment (priority, seq, sha256, size_bytes) WHERE held = 0;

CREATE INDEX case_active ON case_file (opened_seq, revision) WHERE finished = 0 OR unpromised = 1;

CREATE INDEX case_change_case ON case_change (case_no);

CREATE INDEX case_insured ON case_file (insured_key);

CREATE INDEX case_list ON case_file (opened_seq, search_text, last_seq, outcome, finished, sent_back);

CREATE INDEX case_newest ON case_file (last_seq);

CREATE INDEX case_opened ON case_file (opened_at);

CREATE INDEX case_review_case ON case_review (case_no);

CREATE INDEX claim_decision_case ON claim_decision (case_no);

CREATE INDEX day_count_day ON day_count (day);

CREATE INDEX determination_before_policy ON determination_before (case_no, policy_no);

CREATE INDEX hq_answer_case ON hq_answer (case_no);

CREATE INDEX hq_answer_voucher ON hq_answer (voucher_no);

CREATE INDEX inbox_statement ON inbox (statement_id);

CREATE INDEX number_use_at ON number_use (kind, at);

CREATE INDEX number_use_block ON number_use (kind, prefix, serial);

CREATE INDEX paper_case ON paper (case_no);

CREATE INDEX paper_issued ON paper (issued_at, state, amount_fen);

CREATE INDEX paper_moment_at ON paper_moment (at);

CREATE INDEX paper_moment_seq ON paper_moment (seq);

CREATE INDEX paper_open ON paper (seq) WHERE state IN ('asked', 'rendered', 'printed');

CREATE INDEX paper_undrawn ON paper (seq) WHERE state = 'asked';

CREATE INDEX payment_note_case ON payment_note (case_no);

CREATE INDEX prepayment_policy ON prepayment (policy_no);

CREATE INDEX promised_draw_pool ON promised_draw (pool);

CREATE INDEX redemption_voucher ON redemption (voucher_no);

CREATE INDEX signature_case ON signature (case_no);

CREATE INDEX signature_subject ON signature (subject);

CREATE TABLE allowance (
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
    ) STRICT;

CREATE TABLE allowance_transfer (
        transfer_id TEXT PRIMARY KEY,
        seq INTEGER NOT NULL UNIQUE,
        outward INTEGER NOT NULL,
        body TEXT NOT NULL
    ) STRICT;

CREATE TABLE attachment (
        sha256 TEXT PRIMARY KEY,
        size_bytes INTEGER,
        priority INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        held INTEGER NOT NULL
    ) STRICT;

CREATE TABLE attachment_held (
        sha256 TEXT PRIMARY KEY,
        position INTEGER NOT NULL
    ) STRICT;

CREATE TABLE attachment_safe (
        sha256 TEXT PRIMARY KEY,
        position INTEGER NOT NULL,
        lost INTEGER NOT NULL DEFAULT 0
    ) STRICT;

CREATE TABLE authority (
        authority_id TEXT PRIMARY KEY,
        position INTEGER NOT NULL UNIQUE,
        body TEXT NOT NULL
    ) STRICT;

CREATE TABLE case_change (
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
    ) STRICT;

CREATE TABLE case_file (
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
    ) STRICT;

CREATE TABLE case_link (
        case_no TEXT NOT NULL,
        other_case_no TEXT NOT NULL,
        position INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (case_no, other_case_no)
    ) STRICT;

CREATE TABLE case_progress (
        opened_seq INTEGER PRIMARY KEY,
        case_no TEXT NOT NULL UNIQUE REFERENCES case_file,
        body TEXT NOT NULL
    ) STRICT;

CREATE TABLE case_review (
        review_id TEXT PRIMARY KEY,
        position INTEGER NOT NULL,
        case_no TEXT NOT NULL,
        field TEXT NOT NULL,
        contents TEXT NOT NULL,
        opened_at TEXT NOT NULL,
        value TEXT,
        decided_at TEXT
    ) STRICT;

CREATE TABLE case_withdrawal (
        case_no TEXT PRIMARY KEY,
        position INTEGER NOT NULL,
        body TEXT NOT NULL
    ) STRICT;

CREATE TABLE claim_decision (
        position INTEGER PRIMARY KEY,
        case_no TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT;

CREATE TABLE custody (
                bundle_id TEXT PRIMARY KEY,
                custodian TEXT NOT NULL,
                name TEXT NOT NULL,
                through_seq INTEGER NOT NULL,
                digest TEXT NOT NULL,
                at TEXT NOT NULL,
                receipt BLOB NOT NULL
            ) STRICT;

CREATE TABLE custody_file (
                sha256 TEXT NOT NULL,
                bundle_id TEXT NOT NULL REFERENCES custody (bundle_id),
                PRIMARY KEY (sha256, bundle_id)
            ) STRICT;

CREATE TABLE day_count (
        seq INTEGER PRIMARY KEY,
        day TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT;

CREATE TABLE determination (
        case_no TEXT NOT NULL REFERENCES case_file,
        policy_no TEXT NOT NULL,
        first_seq INTEGER NOT NULL,
        seq INTEGER NOT NULL UNIQUE,
        outcome TEXT NOT NULL,
        payable_fen INTEGER NOT NULL,
        body TEXT NOT NULL,
        PRIMARY KEY (case_no, policy_no)
    ) STRICT;

CREATE TABLE determination_before (
        seq INTEGER PRIMARY KEY,
        case_no TEXT NOT NULL REFERENCES case_file,
        policy_no TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT;

CREATE TABLE document (
        case_no TEXT NOT NULL REFERENCES case_file,
        document_id TEXT NOT NULL,
        seq INTEGER NOT NULL UNIQUE,
        body TEXT NOT NULL,
        PRIMARY KEY (case_no, document_id)
    ) STRICT;

CREATE TABLE draft (
                draft_id TEXT PRIMARY KEY,
                content BLOB NOT NULL
            ) STRICT;

CREATE TABLE floor (
                name TEXT PRIMARY KEY,
                value INTEGER NOT NULL
            ) STRICT;

CREATE TABLE held_bundle (
                bundle_id TEXT PRIMARY KEY,
                device TEXT NOT NULL,
                epoch INTEGER NOT NULL,
                through_seq INTEGER NOT NULL,
                digest TEXT NOT NULL,
                sha256 TEXT NOT NULL,
                size_bytes INTEGER NOT NULL,
                taken_at TEXT NOT NULL,
                forwarded_at TEXT
            ) STRICT;

CREATE TABLE hq_answer (
        position INTEGER PRIMARY KEY,
        case_no TEXT NOT NULL,
        voucher_no TEXT,
        body TEXT NOT NULL
    ) STRICT;

CREATE TABLE hq_receipt (
        watermark_seq INTEGER PRIMARY KEY,
        issued_at TEXT NOT NULL
    ) STRICT;

CREATE TABLE identity (
                id INTEGER PRIMARY KEY CHECK (id = 1),
                record TEXT NOT NULL,
                device_key BLOB NOT NULL
            , box_key BLOB) STRICT;

CREATE TABLE inbox (
                position INTEGER PRIMARY KEY,
                statement_id TEXT NOT NULL,
                kind TEXT NOT NULL,
                in_feed INTEGER NOT NULL,
                applied_after_seq INTEGER NOT NULL,
                sha256 TEXT NOT NULL UNIQUE,
                raw BLOB NOT NULL
            ) STRICT;

CREATE TABLE link_memory (
                destination TEXT PRIMARY KEY,
                record TEXT NOT NULL
            ) STRICT;

CREATE TABLE log_commit (
                first_seq INTEGER PRIMARY KEY CHECK (first_seq >= 1),
                last_seq INTEGER NOT NULL UNIQUE CHECK (last_seq >= first_seq),
                raw BLOB NOT NULL,
                hash BLOB NOT NULL
            ) STRICT;

CREATE TABLE number_block (
        position INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        prefix TEXT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL CHECK (last >= first),
        UNIQUE (kind, prefix, first)
    ) STRICT;

CREATE TABLE number_use (
        number TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        prefix TEXT,
        serial INTEGER,
        seq INTEGER NOT NULL,
        at TEXT NOT NULL,
        spoiled_reason TEXT
    ) STRICT;

CREATE TABLE paper (
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
    ) STRICT;

CREATE TABLE paper_moment (
        seq INTEGER NOT NULL,
        number TEXT NOT NULL REFERENCES paper,
        what TEXT NOT NULL,
        at TEXT NOT NULL,
        copy_no INTEGER NOT NULL,
        detail TEXT NOT NULL,
        PRIMARY KEY (number, seq)
    ) STRICT;

CREATE TABLE payment_note (
        position INTEGER PRIMARY KEY,
        case_no TEXT NOT NULL,
        voucher_no TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT;

CREATE TABLE policy_facts (
        case_no TEXT NOT NULL REFERENCES case_file,
        policy_no TEXT NOT NULL,
        seq INTEGER NOT NULL UNIQUE,
        pack_hash TEXT NOT NULL,
        facts BLOB NOT NULL,
        PRIMARY KEY (case_no, policy_no)
    ) STRICT;

CREATE TABLE prepayment (
        prepayment_no TEXT PRIMARY KEY,
        position INTEGER NOT NULL,
        case_no TEXT NOT NULL,
        policy_no TEXT NOT NULL,
        amount_fen INTEGER NOT NULL,
        pools TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT;

CREATE TABLE present (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        time_floor TEXT,
        hq_watermark_seq INTEGER NOT NULL,
        revoked_reason TEXT,
        box_key TEXT
    ) STRICT;

CREATE TABLE projection_state (
                id INTEGER PRIMARY KEY CHECK (id = 1),
                fingerprint TEXT NOT NULL
            ) STRICT;

CREATE TABLE promised_draw (
        settlement_key TEXT NOT NULL REFERENCES promised_key,
        pool TEXT NOT NULL,
        amount_fen INTEGER NOT NULL,
        PRIMARY KEY (settlement_key, pool)
    ) STRICT;

CREATE TABLE promised_key (
        settlement_key TEXT PRIMARY KEY,
        voucher_no TEXT NOT NULL REFERENCES paper,
        seq INTEGER NOT NULL
    ) STRICT;

CREATE TABLE recovered_voucher (
        seq INTEGER PRIMARY KEY,
        body TEXT NOT NULL
    ) STRICT;

CREATE TABLE redemption (
        seq INTEGER PRIMARY KEY,
        voucher_no TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT;

CREATE TABLE signature (
        seq INTEGER PRIMARY KEY,
        case_no TEXT REFERENCES case_file,
        subject TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT;

CREATE TABLE stopped_device (
        device TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        position INTEGER NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (device, epoch)
    ) STRICT;

CREATE TABLE task (
        task_id TEXT PRIMARY KEY,
        position INTEGER NOT NULL,
        issued_at TEXT NOT NULL,
        kind TEXT NOT NULL,
        case_no TEXT,
        text_zh TEXT NOT NULL,
        text_en TEXT NOT NULL,
        owner TEXT NOT NULL DEFAULT ''
    ) STRICT;

CREATE TRIGGER inbox_no_delete BEFORE DELETE ON inbox BEGIN SELECT raise(ABORT, 'inbox is append-only'); END;

CREATE TRIGGER inbox_no_update BEFORE UPDATE ON inbox BEGIN SELECT raise(ABORT, 'inbox is append-only'); END;

CREATE TRIGGER log_commit_no_delete BEFORE DELETE ON log_commit BEGIN SELECT raise(ABORT, 'log_commit is append-only'); END;

CREATE TRIGGER log_commit_no_update BEFORE UPDATE ON log_commit BEGIN SELECT raise(ABORT, 'log_commit is append-only'); END;

