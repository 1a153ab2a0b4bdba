% Draws the first field of a series of snapshots at its beginning, middle and end, and the energy.
%
%   octave-cli look.m FOLDER PICTURE          or in MATLAB, or in Octave's window:
%   folder = 'run'; picture = 'run.png'; look
%
% Dimensions come reversed: a field (nz, ny, nx) in the file is u(i, j, k) at x(i), y(j), z(k) here.
% A field in two dimensions is drawn as a map, of one in three the middle plane, of one in one a curve.

octave = exist('OCTAVE_VERSION', 'builtin') > 0;
if ~exist('folder', 'var')
  arguments = argv();
  if numel(arguments) ~= 2
    error('usage: octave-cli look.m FOLDER PICTURE');
  end
  folder = arguments{1};
  picture = arguments{2};
end
files = dir(fullfile(folder, 'snap_*.h5'));
if isempty(files)
  error('there are no snapshots in %s', folder);
end
names = sort({files.name});
if octave && ismember('gnuplot', available_graphics_toolkits())
  warning('off', 'Octave:gnuplot-graphics');
  graphics_toolkit('gnuplot');  % draws without a screen
end

t = zeros(1, numel(names));
energy = zeros(1, numel(names));
for n = 1:numel(names)
  path = fullfile(folder, names{n});
  if octave
    s = load(path);
    t(n) = s.t;
    energy(n) = s.energy.total;
  else
    t(n) = h5read(path, '/t');
    energy(n) = h5read(path, '/energy/total');
  end
end

% Fields are what /VTKHDF/PointData names, in alphabetical order: of these u, the density, or the first with one number
% at a point of the grid.
path = fullfile(folder, names{1});
if octave
  s = load(path);
  fields = fieldnames(s.VTKHDF.PointData);
else
  info = h5info(path, '/VTKHDF/PointData');
  fields = {info.Datasets.Name};
end
fields = fields(~strcmp(fields, 'vtkGhostType'));  % says which points are outside of the domain
points = 1;
numbers = zeros(1, numel(fields));
for axis_name = {'x', 'y', 'z'}
  if octave && isfield(s, axis_name{1})
    points = points * numel(s.(axis_name{1}));
  elseif ~octave
    try points = points * numel(h5read(path, ['/' axis_name{1}])); catch, end
  end
end
for k = 1:numel(fields)
  if octave
    numbers(k) = numel(s.(fields{k}));
  else
    numbers(k) = numel(h5read(path, ['/' fields{k}]));
  end
end
scalar = fields(numbers == points);
known = [scalar(strcmp(scalar, 'u')); scalar(strcmp(scalar, 'density')); scalar(:)];
if isempty(known)
  error('no field has one number at a point; there are %s', strjoin(fields(:).', ', '));
end
field = known{1};

shown = unique(round(linspace(1, numel(names), 3)));
f = figure('visible', 'off', 'position', [0, 0, 900, 760]);
for k = 1:numel(shown)
  path = fullfile(folder, names{shown(k)});
  if octave
    s = load(path);
    u = s.(field);
    x = s.x;
    if isfield(s, 'y'), y = s.y; end
  else
    u = h5read(path, ['/' field]);
    x = h5read(path, '/x');
    try y = h5read(path, '/y'); catch, end
  end
  subplot(2, 2, k);
  if isvector(u)
    plot(x(:), u(:), 'linewidth', 2);
    xlabel('x');
    ylabel(field);
    axis tight;
  else
    plane = u(:, :, ceil(end / 2));
    imagesc(x, y, plane.');
    axis xy equal tight;
    xlabel('x');
    ylabel('y');
    colorbar();
  end
  title(sprintf('%s, t = %.4g', strrep(field, '_', ' '), t(shown(k))));
end
subplot(2, 2, 4);
plot(t, energy, 'o-', 'linewidth', 1.5, 'markersize', 4);
xlabel('t');
title('energy');
axis tight;
grid on;
set(gca, 'gridcolor', [0.8, 0.8, 0.8]);
print(f, picture, '-dpng', '-r100');
