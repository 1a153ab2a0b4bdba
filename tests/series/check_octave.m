% Usage: octave-cli check_octave.m FOLDER PACKED SPEC
args = argv();
spec = jsondecode(fileread(args{3}));
times = spec.times(:);
shown = numel(spec.axes);
tolerance = 1e-12;
if spec.single
  tolerance = 2e-6;
end
files = {args{2}, fullfile(args{1}, 'run.vtkhdf')};
for number = 1:numel(times)
  files{end + 1} = fullfile(args{1}, sprintf('snap_%06d.h5', number - 1));
end
names = {'x', 'y', 'z'};
for f = 1:numel(files)
  s = load(files{f});
  packed = f <= 2;
  if packed
    assert(s.t(:), times);
    assert(numel(s.series.energy), numel(times));
  end
  % Dimensions come reversed: probe(i, j, k, step) belongs to x(i), y(j), z(k).
  n = spec.resolution ^ shown;
  for step = 1:numel(times)
    if packed
      t = times(step);
      probe = reshape(s.probe, n, [])(:, step);
      flux = reshape(s.flux, spec.d, n, [])(:, :, step);
    elseif step == 1
      t = s.t;
      assert(t, times(f - 2));
      probe = s.probe(:);
      flux = reshape(s.flux, spec.d, n);
    else
      break
    end
    for point = 1:n
      [index{1:3}] = ind2sub(spec.resolution * ones(1, 3), point);
      x = spec.point(:)';
      for axis = 1:shown
        x(spec.axes(axis) + 1) = s.(names{axis})(index{axis});
      end
      expected = 100 * t + sum(10 .^ (0:spec.d-1) .* x .^ 2) + sin(x(1));
      assert(double(probe(point)), expected, tolerance * max(1, abs(expected)));
      assert(double(flux(:, point))', x .* (1:spec.d) + t, tolerance * 20);
    end
  end
end
