import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus';
import type { DatasourceRef } from './datasources.ts';
import type { PromQuery, QuerySpec, SqlQuery } from './panel-spec.ts';

/** A panel's queries with their refIds (A, B, …), which the SDK leaves out and Grafana needs. */
export function buildTargets(queries: readonly QuerySpec[], datasource: DatasourceRef, table: boolean) {
  return queries.map((query, index) => {
    const refId = String.fromCharCode('A'.charCodeAt(0) + index);
    return 'sql' in query ? new SqlQueryBuilder(query, refId, datasource) : promTarget(query, refId, datasource, table);
  });
}

function promTarget(query: PromQuery, refId: string, datasource: DatasourceRef, table: boolean): DataqueryBuilder {
  const builder = new DataqueryBuilder()
    .refId(refId)
    .datasource(datasource)
    .editorMode(QueryEditorMode.Code)
    .expr(query.expr)
    .legendFormat(query.legend)
    .format(table ? PromQueryFormat.Table : PromQueryFormat.TimeSeries);
  return query.instant === true ? builder.instant() : builder.range();
}

interface SqlDataquery extends Dataquery {
  readonly refId: string;
  readonly datasource: DatasourceRef;
  readonly format: SqlQuery['format'];
  readonly editorMode: 'code';
  readonly rawQuery: true;
  readonly rawSql: string;
}

/** The SDK has none for PostgreSQL. */
class SqlQueryBuilder implements Builder<Dataquery> {
  readonly #query: SqlQuery;
  readonly #refId: string;
  readonly #datasource: DatasourceRef;

  constructor(query: SqlQuery, refId: string, datasource: DatasourceRef) {
    this.#query = query;
    this.#refId = refId;
    this.#datasource = datasource;
  }

  build(): SqlDataquery {
    return {
      refId: this.#refId,
      datasource: this.#datasource,
      format: this.#query.format,
      editorMode: 'code',
      rawQuery: true,
      rawSql: this.#query.sql,
      _implementsDataqueryVariant() {},
    };
  }
}

/** A query that stands alone: of an annotation. */
export function sqlTarget(sql: string, datasource: DatasourceRef): Builder<Dataquery> {
  return new SqlQueryBuilder({ sql, format: 'table' }, 'Anno', datasource);
}
