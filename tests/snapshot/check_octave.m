% Usage: octave-cli check_octave.m SNAPSHOT DIMENSION
args = argv();
s = load(args{1});
d = str2double(args{2});

lower = [-1, 2, 0.5, 1, -3];
upper = [3, 3, 1.5, 2, 5];
centre = (lower + upper) / 2;
u = s.u;
shown = d;
if d > 3
  shown = 2;
end

% Dimensions come reversed: u(i, j, k) belongs to x(i), y(j), z(k). One dimension is a row.
if shown == 1
  assert(size(u), [1, 6]);
else
  assert(size(u), 6 * ones(1, shown));
end
names = {'x', 'y', 'z'};
for n = 1:numel(u)
  [index{1:3}] = ind2sub([6, 6, 6], n);
  x = centre;
  for axis = 1:shown
    x(axis) = s.(names{axis})(index{axis});
    assert(x(axis), lower(axis) + (upper(axis) - lower(axis)) * (index{axis} - 1) / 5, 1e-14);
  end
  assert(u(n), sum(10 .^ (0:d-1) .* x(1:d) .^ 2) + sin(x(1)), 1e-11);
end
assert(s.t, 0.35);
assert(s.energy.total, 3.5);
assert(s.energy.terms(:), [1.5; 2]);
assert(double(s.report.iterations), 3);
assert(s.report.movement_distance, 0.25);
assert(s.state.parameters(:), [0.1; -0.2; 0.3; realmin]);
assert(double(s.options.hidden(:)), [24; 24; 24]);
