import postgres from 'postgres';
const sql = postgres(process.argv[2], { max: 1, onnotice() {} });
if (process.argv[3] === 'on') {
  await sql.unsafe("alter system set pg_stat_statements.track='all'");
  await sql`select pg_reload_conf()`;
  await sql`select pg_stat_statements_reset()`;
} else {
  const rows =
    await sql`select calls, toplevel, round(total_exec_time)::int as ms, round((mean_exec_time)::numeric,3) as mean, rows, left(regexp_replace(query,'[[:space:]]+',' ','g'),170) as q from pg_stat_statements order by total_exec_time desc limit 60`;
  for (const r of rows)
    console.log(
      String(r.calls).padStart(8),
      r.toplevel ? 'T' : ' ',
      String(r.ms).padStart(8),
      String(r.mean).padStart(9),
      String(r.rows).padStart(8),
      r.q,
    );
}
await sql.end();
