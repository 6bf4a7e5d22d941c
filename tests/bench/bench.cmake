# What run.sh runs (`make bench`); linalg_bench takes a filter: `linalg_bench sgemm`.
rec_bench(bench_generate rec_cli)
rec_bench(reader_bench rec_data)
rec_bench(linalg_bench rec_linalg Eigen3::Eigen)
rec_bench(ease_bench rec_data)
rec_bench(fold_in_bench rec_models_inference)
rec_bench(catalogue_bench rec_score Eigen3::Eigen)
rec_bench(request_model rec_data)
