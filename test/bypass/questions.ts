import type { NodeKind } from '../../src/sql/postgres/parse/tree.ts'

/** Every kind of statement that PostgreSQL's grammar has. */
export type StatementKind = Extract<NodeKind, `${string}Stmt`>

/**
 * By kind of statement: what would answer a question about a column that no condition may read, though
 * it shows none of its values; or why no statement of that kind can.
 */
export const QUESTIONS: Readonly<Record<StatementKind, readonly string[] | string>> = {
  SelectStmt: [
    "SELECT id FROM customers WHERE email = 'x'",
    'SELECT id FROM customers ORDER BY email',
    'SELECT DISTINCT email FROM customers',
    'SELECT count(*) FROM customers GROUP BY email',
    'SELECT rank() OVER (ORDER BY email) FROM customers',
    'SELECT 1 FROM customers JOIN leads USING (email)',
    "SELECT email = 'x' FROM customers",
    'SELECT id FROM orders LIMIT (SELECT count(email) FROM customers)',
  ],
  InsertStmt: [
    "INSERT INTO customers (id, email) VALUES (9, 'guess')",
    "INSERT INTO customers (id, email) VALUES (9, 'guess') ON CONFLICT DO NOTHING",
    "INSERT INTO customers (id, email) VALUES (9, 'guess') ON CONFLICT (email) DO NOTHING",
    "INSERT INTO v_customers VALUES (9, 'guess')",
    "INSERT INTO visits VALUES (9, 'guess')",
    "INSERT INTO bookings VALUES (9, 'guess')",
    "INSERT INTO customers (id, name) VALUES (9, 'x') ON CONFLICT (lower(email)) DO NOTHING",
  ],
  UpdateStmt: [
    "UPDATE customers SET email = 'guess'",
    "UPDATE customers SET name = 'x' WHERE email = 'guess'",
    "UPDATE customers SET name = 'guess'",
    "UPDATE customers SET nick = 'guess'",
    "UPDATE visits SET email = 'guess'",
    "UPDATE v_customers SET address = 'guess'",
  ],
  DeleteStmt: ["DELETE FROM customers WHERE email = 'x'"],
  MergeStmt: [
    "MERGE INTO customers c USING (SELECT 'x' AS e) s ON c.email = s.e WHEN MATCHED THEN DELETE",
    "MERGE INTO customers c USING (SELECT 1 AS i) s ON c.id = s.i WHEN MATCHED AND email = 'x' THEN DELETE",
    "MERGE INTO customers c USING (SELECT 1 AS i) s ON c.id = s.i WHEN MATCHED THEN UPDATE SET email = 'x'",
    "MERGE INTO customers c USING (SELECT 9 AS i) s ON c.id = s.i WHEN NOT MATCHED THEN INSERT (id, email) VALUES (9, 'x')",
  ],
  CopyStmt: [
    "COPY (SELECT id FROM customers WHERE email = 'x') TO STDOUT",
    'COPY customers FROM STDIN',
    'COPY visits FROM STDIN',
  ],
  PrepareStmt: [
    "PREPARE p AS SELECT id FROM customers WHERE email = 'x'",
    'PREPARE p AS SELECT email::int FROM customers',
    "PREPARE p AS UPDATE customers SET email = 'guess'",
  ],
  DeclareCursorStmt: [
    'DECLARE c CURSOR WITH HOLD FOR SELECT id FROM customers ORDER BY email',
    'DECLARE c CURSOR WITH HOLD FOR SELECT email::int FROM customers',
  ],
  ExplainStmt: [
    "EXPLAIN SELECT id FROM customers WHERE email = 'x'",
    'EXPLAIN SELECT email FROM customers',
  ],
  CreateTableAsStmt: ["CREATE TABLE w AS SELECT id FROM customers WHERE email = 'x'"],
  ViewStmt: ["CREATE VIEW w AS SELECT id FROM customers WHERE email = 'x'"],
  IndexStmt: [
    'CREATE UNIQUE INDEX ON customers (email)',
    'CREATE UNIQUE INDEX ON customers ((email IS NULL))',
    'CREATE INDEX ON customers ((email::int))',
    'CREATE INDEX ON customers (email)',
    'CREATE INDEX ON customers (id) WHERE 1 / (length(email) - 5) > 0',
    'CREATE UNIQUE INDEX ON kept (e)',
  ],
  CreateStatsStmt: [
    'CREATE STATISTICS s ON (email::int), (id + 1) FROM customers',
    'CREATE STATISTICS s ON email, name FROM customers',
  ],
  CreateTrigStmt: [
    "CREATE TRIGGER t BEFORE UPDATE ON customers FOR EACH ROW WHEN (OLD.email = 'x') EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    'CREATE TRIGGER t BEFORE UPDATE ON customers FOR EACH ROW WHEN (NEW.* <> OLD.*) EXECUTE FUNCTION suppress_redundant_updates_trigger()',
  ],
  RuleStmt: [
    "CREATE RULE r AS ON UPDATE TO customers WHERE OLD.email = 'x' DO INSTEAD NOTHING",
    "CREATE RULE r AS ON UPDATE TO orders DO ALSO DELETE FROM orders WHERE EXISTS (SELECT FROM customers WHERE email = 'x')",
  ],
  CreatePolicyStmt: [
    "CREATE POLICY p ON customers USING (email = 'x')",
    "CREATE POLICY p ON orders USING (EXISTS (SELECT FROM customers WHERE email = 'x'))",
  ],
  AlterPolicyStmt: ["ALTER POLICY p ON customers USING (email = 'x')"],
  CreatePublicationStmt: ["CREATE PUBLICATION b FOR TABLE customers WHERE (email = 'x')"],
  AlterPublicationStmt: ["ALTER PUBLICATION b ADD TABLE customers WHERE (email = 'x')"],
  AlterTableStmt: [
    'ALTER TABLE customers ADD UNIQUE (email)',
    'ALTER TABLE customers ADD PRIMARY KEY (email)',
    'ALTER TABLE customers ADD CONSTRAINT u UNIQUE USING INDEX customers_some',
    'ALTER TABLE customers ADD EXCLUDE USING btree (email WITH =)',
    "ALTER TABLE customers ADD CHECK (email < 'm')",
    'ALTER TABLE customers ADD FOREIGN KEY (email) REFERENCES guesses (guess)',
    'ALTER TABLE guesses ADD FOREIGN KEY (guess) REFERENCES customers (email)',
    'ALTER TABLE customers ADD CONSTRAINT n NOT NULL email',
    'ALTER TABLE customers ALTER email SET NOT NULL',
    'ALTER TABLE customers ALTER email TYPE int USING email::int',
    'ALTER TABLE customers ALTER email TYPE varchar(5)',
    'ALTER TABLE customers ALTER name TYPE text USING name || email',
    'ALTER TABLE customers VALIDATE CONSTRAINT later',
    'ALTER TABLE customers ADD g int GENERATED ALWAYS AS (email::int) STORED',
    "ALTER TABLE visits ATTACH PARTITION loose FOR VALUES IN ('x')",
    'ALTER TABLE customers ADD CONSTRAINT c CHECK (customers IS NOT NULL)',
  ],
  CreateStmt: ["CREATE TABLE visits_x PARTITION OF visits FOR VALUES IN ('x')"],
  AlterDomainStmt: [
    "ALTER DOMAIN address ADD CHECK (VALUE < 'm')",
    'ALTER DOMAIN address SET NOT NULL',
    'ALTER DOMAIN address VALIDATE CONSTRAINT later',
  ],
  ClusterStmt: ['CLUSTER customers USING customers_email_key', 'CLUSTER customers', 'CLUSTER'],
  RefreshMatViewStmt: [
    'REFRESH MATERIALIZED VIEW kept',
    'REFRESH MATERIALIZED VIEW CONCURRENTLY kept',
  ],

  // What stands for statements that are judged as themselves
  ExecuteStmt: 'it is what was prepared',
  FetchStmt: 'it is what was declared',
  RawStmt: 'the parser wraps statements in it',
  SetOperationStmt: 'the planner makes it, not the parser',
  PLAssignStmt: 'of PL/pgSQL alone',
  ReturnStmt: 'a part of CREATE FUNCTION',
  ReplicaIdentityStmt: 'a part of ALTER TABLE; the index is there already',
  // Code, which must be allowed by name
  CallStmt: 'the procedure must be allowed by name',
  DoStmt: 'blocks of code must be allowed as such',
  CreateFunctionStmt: 'code that runs when it is called, which must be allowed',
  AlterFunctionStmt: 'it changes no body',
  CreateCastStmt: 'its function must be allowed by name',
  CreateEventTrigStmt: 'its function must be allowed by name',
  CreateTransformStmt: 'its functions run inside of code',
  CreatePLangStmt: 'its functions run inside of code',
  CreateOpClassStmt: 'names functions that indexes call; the index counts',
  DefineStmt: 'operators, aggregates and types name functions; their use counts',
  CreateRangeStmt: 'reads no row',
  CreateDomainStmt: 'no column has the type yet',
  CreateConversionStmt: 'reads no row',
  // They read no column of any table
  AlterCollationStmt: 'reads no row',
  AlterDatabaseRefreshCollStmt: 'reads no row',
  AlterDatabaseSetStmt: 'reads no row',
  AlterDatabaseStmt: 'reads no row',
  AlterDefaultPrivilegesStmt: 'reads no row',
  AlterEnumStmt: 'reads no row',
  AlterEventTrigStmt: 'reads no row',
  AlterExtensionContentsStmt: 'reads no row',
  AlterExtensionStmt: 'scripts of the server, that no agent writes',
  AlterFdwStmt: 'reads no row',
  AlterForeignServerStmt: 'reads no row',
  AlterObjectDependsStmt: 'reads no row',
  AlterObjectSchemaStmt: 'reads no row',
  AlterOpFamilyStmt: 'reads no row',
  AlterOperatorStmt: 'reads no row',
  AlterOwnerStmt: 'reads no row',
  AlterRoleSetStmt: 'reads no row',
  AlterRoleStmt: 'reads no row',
  AlterSeqStmt: 'reads no row',
  AlterStatsStmt: 'it sets how much is sampled',
  AlterSubscriptionStmt: 'rows come from another server',
  AlterSystemStmt: 'reads no row',
  AlterTSConfigurationStmt: 'reads no row',
  AlterTSDictionaryStmt: 'reads no row',
  AlterTableMoveAllStmt: 'copies files',
  AlterTableSpaceOptionsStmt: 'reads no row',
  AlterTypeStmt: 'reads no row',
  AlterUserMappingStmt: 'reads no row',
  CheckPointStmt: 'reads no row',
  ClosePortalStmt: 'reads no row',
  CommentStmt: 'reads no row',
  CompositeTypeStmt: 'reads no row',
  ConstraintsSetStmt: 'checks what earlier statements wrote, which were judged for it',
  CreateAmStmt: 'reads no row',
  CreateEnumStmt: 'reads no row',
  CreateExtensionStmt: 'scripts of the server, that no agent writes',
  CreateFdwStmt: 'reads no row',
  CreateForeignServerStmt: 'reads no row',
  CreateForeignTableStmt: 'its rows are elsewhere, and may not be read under a mask',
  CreateOpFamilyStmt: 'reads no row',
  CreateRoleStmt: 'reads no row',
  CreateSchemaStmt: 'with elements it is refused',
  CreateSeqStmt: 'reads no row',
  CreateSubscriptionStmt: 'rows come from another server',
  CreateTableSpaceStmt: 'reads no row',
  CreateUserMappingStmt: 'reads no row',
  CreatedbStmt: 'refused under any mask',
  DeallocateStmt: 'reads no row',
  DiscardStmt: 'reads no row',
  DropOwnedStmt: 'reads no row',
  DropRoleStmt: 'reads no row',
  DropStmt: 'reads no row',
  DropSubscriptionStmt: 'reads no row',
  DropTableSpaceStmt: 'reads no row',
  DropUserMappingStmt: 'reads no row',
  DropdbStmt: 'reads no row',
  GrantRoleStmt: 'reads no row',
  GrantStmt: 'reads no row',
  ImportForeignSchemaStmt: 'refused under any mask',
  ListenStmt: 'reads no row',
  LoadStmt: 'libraries of the server must be allowed by name',
  LockStmt: 'reads no row',
  NotifyStmt: 'reads no row',
  ReassignOwnedStmt: 'reads no row',
  ReindexStmt: 'builds what was built before, of the same rows',
  RenameStmt: 'reads no row',
  SecLabelStmt: 'reads no row',
  TransactionStmt: 'runs what earlier statements left for later, which were judged for it',
  TruncateStmt: 'looks for tables that reference it, not at rows',
  UnlistenStmt: 'reads no row',
  VacuumStmt: 'what it learns shows in pg_stats and plans, which are judged themselves',
  VariableSetStmt: 'reads no row',
  VariableShowStmt: 'reads no row',
}

/** The like of columns that conditions may read. */
export const ANSWERED: readonly string[] = [
  "INSERT INTO customers (id, name) VALUES (9, 'x')",
  "INSERT INTO customers (id, name) VALUES (9, 'x') ON CONFLICT (id) DO NOTHING",
  'UPDATE customers SET country = country',
  'UPDATE orders SET note = note',
  "UPDATE plain SET name = 'x'",
  'CREATE UNIQUE INDEX ON customers (id, country)',
  'CREATE INDEX ON customers (lower(country))',
  'CREATE STATISTICS s ON id, country FROM customers',
  "CREATE TRIGGER t BEFORE UPDATE ON customers FOR EACH ROW WHEN (OLD.country = 'x') EXECUTE FUNCTION suppress_redundant_updates_trigger()",
  "CREATE RULE r AS ON UPDATE TO customers WHERE OLD.country = 'x' DO INSTEAD NOTHING",
  "CREATE POLICY q ON customers USING (country = 'x')",
  'CREATE PUBLICATION b FOR TABLE customers WHERE (id = 1)',
  'ALTER TABLE customers ADD UNIQUE (country, id)',
  "ALTER TABLE customers ADD CHECK (country <> 'x')",
  'ALTER TABLE customers ALTER id SET NOT NULL',
  'ALTER TABLE customers ALTER country TYPE varchar(90)',
  'ALTER TABLE customers ADD g text GENERATED ALWAYS AS (upper(country)) STORED',
  'ALTER TABLE customers ADD more text DEFAULT 1',
  'CLUSTER orders USING orders_pkey',
  'PREPARE p AS SELECT id, email FROM customers WHERE id = 1',
  'DECLARE c CURSOR WITH HOLD FOR SELECT email FROM customers ORDER BY id',
  "ALTER DOMAIN address SET DEFAULT 'x'",
]

export const SCHEMA = `
  ALTER ROLE gateway SUPERUSER;
  CREATE TABLE customers (id int PRIMARY KEY, name text, email text UNIQUE, country text, nick text,
    CHECK (email <> nick));
  ALTER TABLE customers ADD CONSTRAINT later CHECK (email <> 'q') NOT VALID;
  CREATE UNIQUE INDEX customers_some ON customers (email, id);
  CREATE INDEX customers_both ON customers ((name || email));
  CREATE UNIQUE INDEX customers_lower ON customers (lower(email));
  CREATE POLICY p ON customers USING (true);
  INSERT INTO customers VALUES (1, 'Ada', 'a@x.example', 'NL'), (2, 'Bo', 'b@x.example', 'NO');
  CREATE VIEW v_customers AS SELECT id, email AS address FROM customers;
  CREATE TABLE leads (id int, email text);
  CREATE TABLE guesses (guess text PRIMARY KEY);
  CREATE TABLE orders (id int PRIMARY KEY, note text);
  CREATE TABLE plain (id int, name text, email text);
  CREATE TABLE visits (id int, email text, UNIQUE (email)) PARTITION BY LIST (email);
  CREATE TABLE visits_rest PARTITION OF visits DEFAULT;
  CREATE TABLE loose (id int, email text);
  CREATE TABLE bookings (id int, who text REFERENCES customers (email));
  CREATE DOMAIN address AS text;
  ALTER DOMAIN address ADD CONSTRAINT later CHECK (VALUE <> 'q') NOT VALID;
  CREATE TABLE places (id int, at address);
  CREATE MATERIALIZED VIEW kept AS SELECT id, email AS e FROM customers;
  CREATE UNIQUE INDEX ON kept (id);
  CREATE PUBLICATION b_there;
  CREATE PUBLICATION b2 FOR TABLE orders;
`

const COLUMNS = ['customers', 'leads', 'visits', 'loose', 'plain']
  .map((table) => `sales.public.${table}.email`)
  .join(', ')

/** The mask stands in the rule for reading; the one that lets the rest be done says nothing of it. */
export const POLICIES = {
  'policy.yaml': `
name: strict
subjects: { agents: [etl-1] }
rules:
  - id: read
    allow: { actions: [sql.select], objects: [sales.public.*] }
    mask:
      - { columns: [${COLUMNS}, sales.public.kept.e], with: redact, predicates: deny }
      - { columns: [sales.public.places.at], with: redact, predicates: deny }
  - id: do
    allow:
      actions: [sql.insert, sql.update, sql.delete, sql.merge, sql.ddl.*, sql.maintain]
`,
}
