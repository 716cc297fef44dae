import { describeWarehouse } from '../../contracts/warehouse.ts';
import { seededLake } from './lake.ts';

describeWarehouse('DuckDB over Parquet files', seededLake);
