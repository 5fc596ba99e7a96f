/**
 * Columns of the catalogs that need no grant, of types that could hold a value of a user's column, and
 * that tell of the schema all the same: definitions, comments, options, words of the server.
 * `relation.column`; those of information_schema go by its name.
 */
export const TELLS_THE_SCHEMA: ReadonlySet<string> = new Set(
  `information_schema.action_condition information_schema.action_orientation
  information_schema.action_statement information_schema.action_timing
  information_schema.attfdwoptions information_schema.attribute_default
  information_schema.character_value information_schema.check_clause
  information_schema.check_option information_schema.column_default
  information_schema.comments information_schema.commit_action
  information_schema.constraint_type information_schema.data_type
  information_schema.delete_rule information_schema.domain_default
  information_schema.event_manipulation information_schema.external_language
  information_schema.external_name information_schema.fdwoptions
  information_schema.feature_id information_schema.feature_name
  information_schema.foreign_data_wrapper_language information_schema.foreign_server_type
  information_schema.foreign_server_version information_schema.ftoptions
  information_schema.generation_expression information_schema.identity_generation
  information_schema.identity_increment information_schema.identity_maximum
  information_schema.identity_minimum information_schema.identity_start
  information_schema.implementation_info_id information_schema.implementation_info_name
  information_schema.increment information_schema.interval_type
  information_schema.is_generated information_schema.is_verified_by
  information_schema.library_name information_schema.match_option
  information_schema.maximum_value information_schema.minimum_value
  information_schema.object_type information_schema.option_value
  information_schema.ordering_category information_schema.ordering_form
  information_schema.pad_attribute information_schema.parameter_default
  information_schema.parameter_mode information_schema.parameter_style
  information_schema.privilege_type information_schema.reference_generation
  information_schema.reference_type information_schema.result_cast_from_data_type
  information_schema.result_cast_interval_type information_schema.routine_body
  information_schema.routine_definition information_schema.routine_type
  information_schema.security_type information_schema.sizing_name
  information_schema.sql_data_access information_schema.sql_path
  information_schema.srvoptions information_schema.start_value
  information_schema.sub_feature_id information_schema.sub_feature_name
  information_schema.table_type information_schema.transform_type
  information_schema.update_rule information_schema.user_defined_type_category
  information_schema.view_definition pg_aggregate.agginitval pg_aggregate.aggminitval
  pg_attrdef.adbin pg_attribute.attfdwoptions pg_attribute.attoptions
  pg_available_extension_versions.comment pg_available_extension_versions.version
  pg_available_extensions.comment pg_available_extensions.default_version
  pg_available_extensions.installed_version pg_class.reloptions pg_collation.collcollate
  pg_collation.collctype pg_collation.colliculocale pg_collation.collicurules
  pg_collation.colllocale pg_collation.collversion pg_constraint.conbin
  pg_database.datcollate pg_database.datcollversion pg_database.datctype
  pg_database.daticulocale pg_database.daticurules pg_database.datlocale
  pg_description.description pg_event_trigger.evttags pg_extension.extcondition
  pg_extension.extversion pg_foreign_data_wrapper.fdwoptions pg_foreign_server.srvoptions
  pg_foreign_server.srvtype pg_foreign_server.srvversion pg_foreign_table.ftoptions
  pg_index.indexprs pg_index.indpred pg_indexes.indexdef pg_locks.locktype pg_locks.mode
  pg_locks.virtualtransaction pg_locks.virtualxid pg_matviews.definition
  pg_parameter_acl.parname pg_partitioned_table.partexprs pg_policies.cmd
  pg_policies.permissive pg_policies.qual pg_policies.with_check pg_policy.polqual
  pg_policy.polwithcheck pg_proc.proargdefaults pg_proc.proargnames pg_proc.probin
  pg_proc.proconfig pg_proc.prosqlbody pg_proc.prosrc pg_publication_rel.prqual
  pg_publication_tables.rowfilter pg_rewrite.ev_action pg_rewrite.ev_qual pg_roles.rolconfig
  pg_roles.rolpassword pg_rules.definition pg_seclabel.label pg_seclabel.provider
  pg_seclabels.label pg_seclabels.objname pg_seclabels.objtype pg_seclabels.provider
  pg_settings.boot_val pg_settings.category pg_settings.context pg_settings.enumvals
  pg_settings.extra_desc pg_settings.max_val pg_settings.min_val pg_settings.name
  pg_settings.short_desc pg_settings.source pg_settings.sourcefile pg_settings.unit
  pg_settings.vartype pg_shdescription.description pg_shseclabel.label
  pg_shseclabel.provider pg_stat_io.backend_type pg_stat_io.context pg_stat_io.object
  pg_statistic_ext.stxexprs pg_tablespace.spcoptions pg_timezone_abbrevs.abbrev
  pg_timezone_names.abbrev pg_timezone_names.name pg_trigger.tgargs pg_trigger.tgqual
  pg_ts_dict.dictinitoption pg_type.typdefault pg_type.typdefaultbin pg_user.passwd
  pg_user.useconfig pg_views.definition`.split(/\s+/),
)
